import ApusConversion
import ApusTensors
import ApusTraining
import ArgumentParser

/// How a model learns: rate, schedule, decay, when it is measured and kept.
struct LearningArguments: ParsableArguments {
    @Option(
        name: .customLong("lr"), help: ArgumentHelp("The highest learning rate. (default: by size)", valueName: "R"))
    var rate: Double?

    @Option(help: ArgumentHelp("How the rate goes: cosine, stable, linear or constant.", valueName: "name"))
    var schedule: LearningRate.Shape?

    @Option(help: ArgumentHelp("Steps over which the rate rises.", valueName: "N"))
    var warmup: Int?

    @Option(
        help: ArgumentHelp(
            "What moves the weights: adamw, or muon for the matrices of blocks and adamw for the rest. (default: adamw)",
            valueName: "name"))
    var optimizer: OptimizerChoice?

    @Option(help: ArgumentHelp("Share of the rate by which matrices shrink each step.", valueName: "D"))
    var decay: Double?

    @Option(
        help: ArgumentHelp(
            "How long the optimiser remembers squares of gradients. (default: 0.95; 0.999 for finetune)", valueName: "B"
        ))
    var beta2: Double?

    @Option(help: ArgumentHelp("The norm that gradients are cut to; 0 for none. (default: 1)", valueName: "C"))
    var clip: Double?

    @Option(help: ArgumentHelp("Steps between measurements of the held-out loss.", valueName: "N"))
    var evaluateEvery: Int?

    @Option(help: ArgumentHelp("Steps between checkpoints.", valueName: "N"))
    var checkpointEvery: Int?

    @Option(help: ArgumentHelp("End after so many measurements without a better one.", valueName: "N"))
    var patience: Int?

    @Option(help: ArgumentHelp("Random numbers begin here: same seed, same model. (default: 1)", valueName: "S"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "What values are multiplied as: float32, bfloat16, or the faster one here. (default: auto)",
            valueName: "name"))
    var precision: PrecisionChoice?

    @Flag(help: "Compute activations twice instead of keeping them: a third slower, far less memory.")
    var saveMemory = false

    func validate() throws {
        if let rate, !(rate.isFinite && rate > 0) { throw ValidationError("--lr takes a positive number.") }
        if let decay, !(decay.isFinite && decay >= 0) { throw ValidationError("--decay takes a number from 0 on.") }
        if let beta2, !(beta2 >= 0 && beta2 < 1) { throw ValidationError("--beta2 takes a number from 0 to below 1.") }
        if let clip, !(clip.isFinite && clip >= 0) { throw ValidationError("--clip takes a number from 0 on.") }
        for (name, value) in [
            ("--evaluate-every", evaluateEvery), ("--checkpoint-every", checkpointEvery), ("--patience", patience),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) takes a number from 1 on.") }
        }
        if let warmup, warmup < 0 { throw ValidationError("--warmup takes a number from 0 on.") }
    }

    func apply(to run: inout some LearningRun) {
        run.rate = rate
        if let schedule { run.schedule = schedule }
        run.warmup = warmup
        if optimizer == .muon { run.optimizer.muonMomentum = 0.95 }
        if let decay { run.optimizer.decay = decay }
        if let beta2 { run.optimizer.beta2 = beta2 }
        if let clip { run.clip = clip == 0 ? nil : clip }
        run.evaluationInterval = evaluateEvery
        run.checkpointInterval = checkpointEvery
        run.patience = patience
        if let seed { run.seed = seed }
        run.precision = precision?.precision
        run.savesMemory = saveMemory
    }
}

/// What moves the weights.
enum OptimizerChoice: String, CaseIterable, ExpressibleByArgument {
    case adamw, muon
}

extension LearningRate.Shape: ExpressibleByArgument {}

/// What values are multiplied as in training; `auto` for what turns out faster.
enum PrecisionChoice: String, CaseIterable, ExpressibleByArgument {
    case float32, bfloat16, auto

    var precision: Precision? { Precision(rawValue: rawValue) }
}

/// What all runs of training have.
struct RunArguments: ParsableArguments {
    @Flag(help: "Go on with the run in the folder, from its newest checkpoint.")
    var resume = false

    @Flag(help: "Check the data, say what the run would take, and stop.")
    var dryRun = false

    @Option(help: ArgumentHelp("Put the result into the store under this name.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp("Write the result as a GGUF file of this type too: F32, F16, Q8_0, …", valueName: "type"))
    var gguf: String?

    @Option(help: ArgumentHelp("Threads. (default: the processors that this process may use)", valueName: "N"))
    var threads: Int?

    /// The type that `gguf` names.
    var ggufType: DType? { gguf.flatMap { try? QuantizationRecipe(named: $0).base } }

    func validate() throws {
        if let gguf {
            guard let type = try? QuantizationRecipe(named: gguf).base, type.isWritable else {
                throw ValidationError(
                    "--gguf takes a type that GGUF files are written in: F32, F16, BF16, Q8_0, Q4_K, …")
            }
        }
        if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 on.") }
    }
}
