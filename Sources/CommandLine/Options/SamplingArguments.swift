import ApusGeneration
import ApusTokenization
import ArgumentParser

/// How the next token is chosen: the flags of every command that generates.
struct SamplingArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Divides the logits; 0 always takes the most probable token. (default: 0.8)", valueName: "T"))
    var temperature: Double?

    @Option(help: ArgumentHelp("Keep the K most probable tokens; 0 keeps all.", valueName: "K"))
    var topK = 0

    @Option(help: ArgumentHelp("Keep the most probable tokens that add up to P.", valueName: "P"))
    var topP = 1.0

    @Option(help: ArgumentHelp("Keep tokens at least P times as probable as the first.", valueName: "P"))
    var minP = 0.0

    @Option(help: ArgumentHelp("Keep tokens of typical information that add up to P.", valueName: "P"))
    var typicalP = 1.0

    @Option(help: ArgumentHelp("Make tokens of the last stretch less probable; 1 does not.", valueName: "R"))
    var repeatPenalty = 1.0

    @Option(help: ArgumentHelp("The stretch that penalties look at, in tokens; -1 is all.", valueName: "N"))
    var repeatLastN = 64

    @Option(help: ArgumentHelp("Taken once from the logit of each token of the stretch.", valueName: "P"))
    var presencePenalty = 0.0

    @Option(help: ArgumentHelp("Taken from a token's logit for each time it is in the stretch.", valueName: "P"))
    var frequencyPenalty = 0.0

    @Option(help: ArgumentHelp("Added to the logit of a token; -inf bans it. May be repeated.", valueName: "ID=B"))
    var logitBias: [LogitBias] = []

    @Option(help: ArgumentHelp("Punish repetitions (DRY) by this much; 0 does not.", valueName: "M"))
    var dryMultiplier = 0.0

    @Option(help: ArgumentHelp("How fast DRY's punishment grows with the length.", valueName: "B"))
    var dryBase = 1.75

    @Option(help: ArgumentHelp("The length of repetitions that DRY lets pass.", valueName: "N"))
    var dryAllowedLength = 2

    @Option(help: ArgumentHelp("How often the most probable tokens are excluded (XTC).", valueName: "P"))
    var xtcProbability = 0.0

    @Option(help: ArgumentHelp("From which probability on XTC excludes.", valueName: "P"))
    var xtcThreshold = 0.1

    @Option(help: ArgumentHelp("Keep the surprise near this many bits (mirostat 2).", valueName: "TAU"))
    var mirostatTau: Double?

    @Option(help: ArgumentHelp("How fast mirostat follows.", valueName: "ETA"))
    var mirostatEta = 0.1

    @Option(help: ArgumentHelp("Makes a run repeatable at any temperature.", valueName: "S"))
    var seed: UInt64?

    var options: SamplingOptions {
        var options = SamplingOptions()
        options.temperature = temperature ?? 0.8
        options.topK = topK
        options.topP = topP
        options.minP = minP
        options.typicalP = typicalP
        options.repeatPenalty = repeatPenalty
        options.repeatLastN = repeatLastN
        options.presencePenalty = presencePenalty
        options.frequencyPenalty = frequencyPenalty
        for bias in logitBias { options.logitBias[bias.id] = bias.value }
        if dryMultiplier != 0 {
            options.dry = DRYOptions(multiplier: dryMultiplier, base: dryBase, allowedLength: dryAllowedLength)
        }
        if xtcProbability != 0 { options.xtc = XTCOptions(probability: xtcProbability, threshold: xtcThreshold) }
        if let mirostatTau { options.mirostat = MirostatOptions(tau: mirostatTau, eta: mirostatEta) }
        options.seed = seed
        return options
    }

    func validate() throws {
        do {
            try options.validate()
        } catch {
            throw ValidationError(error.description)
        }
    }
}

/// `ID=B` of `--logit-bias`.
struct LogitBias: ExpressibleByArgument, Sendable {
    let id: TokenID
    let value: Float

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = TokenID(parts[0]), id >= 0, let value = Float(parts[1]), !value.isNaN else {
            return nil
        }
        self.id = id
        self.value = value
    }
}

/// Threads, the window of tokens and their cache: the flags of every command that runs a model.
struct EngineArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Threads. (default: the processors that this process may use)", valueName: "N"))
    var threads: Int?

    @Option(
        help: ArgumentHelp("Tokens that the model keeps in view. (default: the model's own context)", valueName: "N"))
    var context: Int?

    @Option(
        help: ArgumentHelp(
            """
            How keys and values are kept; q8_0 takes half the memory of f16. (default: f32 for float32 weights, f16 for \
            others)
            """, valueName: CacheType.names))
    var cacheType: CacheType?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 on.") }
        if let context, context < 1 { throw ValidationError("--context takes a number from 1 on.") }
    }
}
