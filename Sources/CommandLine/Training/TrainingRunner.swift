import Apus
import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTraining
import Synchronization

/// Shows a run of training as it is prepared, forecast and done, and writes its log, report and model.
struct TrainingRunner: Sendable {
    let console: Console
    let format: OutputFormat
    /// Stop after the forecast.
    let isDry: Bool
    /// Write the model as GGUF of this type too.
    var gguf: DType?

    func prepare(_ training: Pretraining, resumes: Bool) throws -> (job: TrainingJob, data: DataReport) {
        let words = console.words
        let bar = Mutex<(label: String, bar: ProgressBar)?>(nil)
        defer { bar.withLock { $0?.bar.finish() } }
        return try training.prepare(resumes: resumes) { stage in
            let (label, done, total, unit): (String, Int, Int, ProgressLine.Unit) =
                switch stage {
                case .vocabulary(.countingWords, let done, let total): (words.countingWords, done, total, .bytes)
                case .vocabulary(.learning, let done, let total): (words.learningVocabulary, done, total, .items)
                case .packing(let done, let total): (words.packingCorpus, done, total, .bytes)
                }
            bar.withLock { shown in
                if shown?.label != label {
                    shown?.bar.finish()
                    shown = (label, ProgressBar(label, total: total, unit: unit, console: console))
                }
                shown?.bar.update(done)
            }
        }
    }

    func prepare(_ tuning: FineTuning, resumes: Bool) throws -> (job: TrainingJob, data: FineTuningData) {
        let bar = Mutex<ProgressBar?>(nil)
        defer { bar.withLock { $0?.finish() } }
        return try tuning.prepare(resumes: resumes) { done, total in
            bar.withLock { shown in
                let current =
                    shown ?? ProgressBar(console.words.readingExamples, total: total, unit: .bytes, console: console)
                current.update(done)
                shown = current
            }
        }
    }

    /// Sizes, batch and steps for a given time, by measuring this machine.
    func plan(_ training: Pretraining, hours: Double, resumes: Bool) async throws -> Pretraining {
        let console = console
        return try await Interrupt.during {
            let (planned, plan) = try training.planned(hours: hours, resumes: resumes) { size in
                try Task.checkCancellation()
                console.note(console.words.measuringSize(size))
            }
            guard let plan else {
                console.note(console.words.followsPlan)
                return planned
            }
            func name(_ candidate: HourPlan.Candidate) -> String {
                "\(Quantity.parameters(candidate.parameters)) (\(candidate.model.layers) x \(candidate.model.width))"
            }
            for candidate in plan.candidates {
                console.note(
                    console.words.candidate(
                        name(candidate), rate: Quantity.rate(candidate.tokensPerSecond),
                        epochs: Quantity.decimal(candidate.epochs, places: 1),
                        loss: Quantity.decimal(candidate.predictedLoss, places: 2)))
            }
            console.note(
                console.words.picked(
                    name(plan.best), epochs: Quantity.decimal(plan.best.epochs, places: 1),
                    loss: Quantity.decimal(plan.best.predictedLoss, places: 2)))
            if plan.readsOften, training.patience == nil {
                console.note(console.words.readsOften(epochs: Quantity.decimal(plan.best.epochs, places: 0)))
            }
            return planned
        }
    }

    func show(_ data: DataReport) {
        for line in DataReportText(data, console.words.language == .chinese ? .chinese : .english).lines {
            console.note(line)
        }
    }

    /// Forecast, steps, samples, and at the end the model and the report in its folder. After a dry run there is neither.
    ///
    /// - Parameter compare: gives what base and result say to prompts that were held out.
    func run(
        _ job: TrainingJob, _ method: RunSummary.Method, _ data: DataReport, sampleEvery: Int? = nil,
        samplePrompt: String = "", compare: () throws -> [RunSummary.Comparison] = { [] }
    ) throws {
        let forecast = try job.forecast(clock: monotonicSeconds)
        console.note(
            console.words.forecast(
                parameters: Quantity.parameters(job.model.parameters.count), steps: job.trainer.state.steps,
                time: Quantity.duration(seconds: job.trainer.settings.deadline ?? forecast.seconds),
                rate: Quantity.rate(forecast.tokensPerSecond), memory: Quantity.binaryBytes(job.memory.bytes),
                model: Quantity.bytes(forecast.modelBytes), checkpoints: Quantity.bytes(forecast.checkpointBytes)))
        if isDry {
            if format == .json { console.print(json: .object(forecastObject(job, forecast))) }
            return
        }
        let tokenizer = sampleEvery == nil ? nil : try Tokenizer.folder(job.folder)
        let start = monotonicSeconds()
        let before = job.trainer.state.step
        let log = try TrainingLog(path: job.log, resumingFrom: before == 0 ? nil : before)
        let display = TrainingDisplay(
            total: job.trainer.state.steps, console: console, history: try TrainingLog.history(path: job.log))
        defer { display.finish() }
        do {
            try job.trainer.run { event in
                let seconds = log.secondsBefore + monotonicSeconds() - start
                let row = RunEvent(event, tokens: job.trainer.state.tokens, seconds: seconds)
                try log.append(row)
                display.show(row, of: job.trainer.state.steps)
                if case .step(let step, _, _, _) = event, let sampleEvery, let tokenizer, step % sampleEvery == 0 {
                    let text = try job.model.sample(samplePrompt, tokenizer)
                    let sample = RunEvent(.sample(prompt: samplePrompt, text: text), step: step, seconds: seconds)
                    try log.append(sample)
                    display.show(sample, of: job.trainer.state.steps)
                }
                try Task.checkCancellation()
            }
        } catch let error as CancellationError {
            display.finish()
            try job.trainer.saveNow()
            console.note(console.words.trainingStopped(step: job.trainer.state.step, folder: job.folder))
            throw error
        }
        try job.writeModel()
        let file = try gguf.map(job.writeGGUF)
        display.finish()
        let history = try TrainingLog.history(path: job.log)
        let report = RunReport(job: job, method: method, data: data, forecast: forecast, console: console)
        try report.write(
            history, comparisons: compare(), ending: history.stoppedEarlyFor == nil ? .finished : .stoppedEarly)
        finish(job, history, gguf: file)
    }

    private func finish(_ job: TrainingJob, _ history: RunHistory, gguf: String?) {
        let state = job.trainer.state
        if format == .json {
            var object: JSON.Object = [
                "path": .string(job.folder), "steps": .integer(state.step), "tokens": .integer(state.tokens),
                "parameters": .integer(job.model.parameters.count), "seconds": .number(history.seconds),
                "loss": history.lastLoss.map { .number($0) } ?? .null,
                "held_out_loss": (history.heldOut.last?.loss).map { .number($0) } ?? .null,
            ]
            object["gguf"] = gguf.map(JSON.string)
            if let best = state.bestHeldOut { object["best_held_out_loss"] = .number(best) }
            if history.stepSeconds > 0 {
                object["tokens_per_s"] = .number(Double(history.stepTokens) / history.stepSeconds)
            }
            console.print(json: .object(object))
            return
        }
        console.print(
            console.words.trained(
                folder: job.folder, steps: Quantity.grouped(state.step),
                time: Quantity.duration(seconds: history.seconds),
                loss: (history.stoppedEarlyFor == nil
                    ? history.heldOut.last?.loss ?? history.lastLoss : state.bestHeldOut).map {
                        Quantity.decimal($0, places: 4)
                    } ?? "-", command: command(job)))
        if let gguf { console.print(console.words.wroteGGUF(gguf)) }
    }

    /// What uses the result.
    private func command(_ job: TrainingJob) -> String {
        let isChat = (try? LoadedDecoder(path: job.folder).chatTemplateSource()) != nil
        guard job.isAdapterAlone, let base = job.lineage["base"]?.stringValue else {
            return "apus \(isChat ? "chat" : "generate") \(job.folder)"
        }
        return "apus generate \(base) --adapter \(job.folder)"
    }

    private func forecastObject(_ job: TrainingJob, _ forecast: Forecast) -> JSON.Object {
        [
            "parameters": .integer(job.model.parameters.count), "steps": .integer(job.trainer.state.steps),
            "seconds": .number(forecast.seconds), "tokens_per_s": .number(forecast.tokensPerSecond),
            "memory_bytes": .integer(job.memory.bytes), "model_bytes": .integer(forecast.modelBytes),
            "checkpoint_bytes": .integer(forecast.checkpointBytes),
        ]
    }

    /// Puts the folder into the store.
    func register(_ folder: String, as name: String) throws {
        let model = try ModelStore(environment: console.environment).register(folder, as: name)
        console.note(console.words.registered(model.name))
    }
}
