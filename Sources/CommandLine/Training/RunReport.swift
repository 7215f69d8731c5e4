import Apus
import ApusTraining

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The report of a run: what the run is known by, brought together for ``TrainingReport``.
struct RunReport {
    let job: TrainingJob
    let method: RunSummary.Method
    let data: DataReport
    let forecast: Forecast
    let console: Console

    /// Writes `report.html` and `report.json` into the run's folder.
    func write(_ history: RunHistory, comparisons: [RunSummary.Comparison], ending: RunSummary.Ending) throws {
        let summary = summary(history, comparisons, ending)
        let language: DataReportText.Language = console.words.language == .chinese ? .chinese : .english
        try TrainingReport(summary, language).write(to: "\(job.folder)/report.html")
        let output = try OutputFile(path: "\(job.folder)/report.json")
        try output.write(Array((summary.json.serialized(pretty: true) + "\n").utf8))
        try output.finish()
    }

    private func summary(
        _ history: RunHistory, _ comparisons: [RunSummary.Comparison], _ ending: RunSummary.Ending
    ) -> RunSummary {
        let c = job.model.configuration
        var model = RunSummary.Model(
            family: c.architecture, parameters: job.modelParameters, trainedParameters: job.trainedParameters)
        model.layers = c.layers
        model.width = c.width
        model.heads = c.heads
        model.keyValueHeads = c.kvHeads
        model.feedForward = c.feedForward
        model.vocabulary = c.vocabulary
        model.context = c.context
        let machine = Machine.inspect()
        var summary = RunSummary(
            name: job.folder.split(separator: "/").last.map(String.init) ?? job.folder, method: method,
            date: Self.date(), version: RootCommand.configuration.version, model: model,
            steps: job.trainer.state.steps, history: history,
            machine: .init(
                processor: machine.processor, threads: WorkerPool.shared.threads, codePath: machine.codePath,
                precision: job.trainer.settings.precision.rawValue, memory: machine.memory))
        summary.ending = ending
        summary.settings = settings
        summary.data = [.init(.training, data)]
        summary.comparisons = comparisons
        summary.sources = sources
        summary.results =
            (try? Folder.names(job.folder))?.compactMap { name in
                guard let file = try? FileMapping(path: "\(job.folder)/\(name)") else { return nil }
                return .init(name: name, bytes: file.count)
            } ?? []
        summary.forecast = .init(seconds: forecast.seconds, memory: job.memory.bytes)
        summary.peakMemory = SystemMemory.peak()
        return summary
    }

    private var settings: [RunSummary.Setting] {
        let s = job.trainer.settings
        var settings: [RunSummary.Setting] = [
            .init("optimiser", s.optimizer.muonMomentum == nil ? "AdamW" : "Muon, AdamW"),
            .init("learning rate", "\(s.rate.peak)"), .init("schedule", s.rate.shape.rawValue),
            .init("warm-up", "\(s.rate.warmup)"), .init("tokens per step", "\(job.stepTokens)"),
            .init("weight decay", "\(s.optimizer.decay)"),
            .init("betas", "\(s.optimizer.beta1), \(s.optimizer.beta2)"),
            .init("clipping", s.clip.map { "\($0)" } ?? "-"),
        ]
        for (key, value) in job.lineage where ["seed", "batch", "epochs", "rows"].contains(key) {
            settings.append(.init(key, value.serialized()))
        }
        return settings
    }

    private var sources: [RunSummary.Source] {
        func text(_ key: String) -> String? { job.lineage[key]?.stringValue }
        var sources: [RunSummary.Source] = []
        if let base = text("base") { sources.append(.init(.base, name: base, hash: text("base_hash"))) }
        if let hash = text("data_fingerprint") ?? text("corpus_fingerprint") {
            sources.append(.init(.data, name: text("data_kind") ?? "corpus", hash: hash))
        }
        if let hash = text("tokenizer_fingerprint") {
            sources.append(.init(.tokenizer, name: "tokenizer.json", hash: hash))
        }
        return sources
    }

    private static func date() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)) UTC"
    }
}
