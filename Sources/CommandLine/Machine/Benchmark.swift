import ApusModelFiles
import ApusModels
import ApusTensors

/// Speed of a decoder: tokens a second while it reads a prompt and while it writes, and what binds them.
struct Benchmark: Sendable {
    /// What keeps a rate from being higher.
    enum Bound: String, Sendable {
        case arithmetic
        case memory
        /// Neither is used to a good part: small models, whose time goes to what lies between products.
        case neither
    }

    let prompt: Int
    let generate: Int
    let batch: Int
    let threads: Int
    /// The type of keys and values.
    let cacheType: DType
    /// Medians in tokens a second, of all sequences together.
    let prefill: Double
    let decode: Double
    /// Half the distance from the lowest to the highest, over the median.
    let prefillSpread: Double
    let decodeSpread: Double
    /// Bytes a second that this machine reads from memory (the median of measurements taken in turn with the runs), and
    /// the share of them that decoding reaches.
    let bandwidth: Double
    let bandwidthShare: Double
    /// The kind of most products, the processor's peak of it in operations a second, and the share that reading a prompt
    /// reaches; nil where this processor's peak is not known.
    let kind: ArithmeticKind
    let peak: Double?
    let arithmeticShare: Double?
    let prefillBound: Bound
    let decodeBound: Bound
    /// Bytes in memory after a run: the process's own (repacked weights, cache, activations), and those of mapped files.
    /// Nil where the system does not say.
    let memory: (own: Int, files: Int)?

    /// Rows of a prompt that go through the model at once.
    private static let chunk = 512

    /// - Parameter progress: called after each run with their number so far and in all.
    /// - Throws: `ModelError`, among others for a prompt that does not fit; `CancellationError`.
    init(
        _ model: LoadedDecoder, prompt: Int?, generate: Int?, batch: Int, repeats: Int, cacheType: DType? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws {
        let context = model.configuration.context
        self.prompt = prompt ?? min(512, max(1, context - min(generate ?? 128, context / 2)))
        self.generate = generate ?? max(1, min(128, context - self.prompt))
        self.batch = batch
        threads = WorkerPool.shared.threads
        self.cacheType = cacheType ?? model.usualCacheType
        let (total, _) = self.prompt.addingReportingOverflow(self.generate)
        guard total <= context else {
            throw CommandError.benchmarkTooLong(tokens: total, context: context)
        }
        let work = try ModelWork(model, batch: batch)
        kind = work.kind
        let kinds = Set(work.layers.keys).union(work.logits.keys)
        let once = { [prompt = self.prompt, generate = self.generate, cacheType = self.cacheType] in
            try Self.once(model.decoder, cacheType, prompt: prompt, generate: generate, batch: batch)
        }
        // The first run touches each page of the weights for the first time, and is not counted. What it leaves in memory
        // is looked at before the measuring itself takes any.
        _ = try once()
        progress(1, repeats + 1)
        if let own = SystemMemory.resident(), let files = SystemMemory.residentFiles() {
            memory = (own, files)
        } else {
            memory = nil
        }
        let reader = MemoryBandwidth()
        var runs: [(prefill: Double, decode: Double)] = []
        var reads: [Double] = []
        var peaks: [ArithmeticKind: Double] = [:]
        // Limits are measured in turn with the runs, because neighbours on a shared machine come and go.
        for round in 0..<repeats {
            runs.append(try once())
            progress(round + 2, repeats + 1)
            reads.append(reader.measure())
            for kind in kinds { peaks[kind] = max(peaks[kind] ?? 0, kind.measurePeak() ?? 0) }
        }
        (prefill, prefillSpread) = Self.median(runs.map(\.prefill))
        (decode, decodeSpread) = Self.median(runs.map(\.decode))
        bandwidth = Self.median(reads).median
        peak = peaks[kind].flatMap { $0 > 0 ? $0 : nil }
        // A step of the whole batch reads the weights once, and each sequence its own keys and values.
        let cached = model.decoder.cacheLayout(self.cacheType).bytesPerPosition
        let keys = Double(cached) * (Double(self.prompt) + Double(self.generate) / 2) * Double(batch)
        bandwidthShare = decode / Double(batch) * (work.bytes + keys) / bandwidth
        let reading = work.seconds(peaks: peaks, withLogits: false).map { [prefill] in $0 * prefill }
        let writing = work.seconds(peaks: peaks, withLogits: true).map { [decode] in $0 * decode }
        arithmeticShare = reading
        let rows = Double(min(Self.chunk, self.prompt) * batch)
        prefillBound = Self.bound(arithmetic: reading, memory: prefill / rows * work.bytes / bandwidth)
        decodeBound = Self.bound(arithmetic: writing, memory: bandwidthShare)
    }

    /// The limit that is reached furthest, when it is reached by a good part. More than memory gives comes from caches,
    /// and then memory binds nothing.
    private static func bound(arithmetic: Double?, memory: Double) -> Bound {
        let arithmetic = arithmetic ?? 0
        let memory = memory > 1.2 ? 0 : memory
        guard max(arithmetic, memory) >= 0.35 else { return .neither }
        return arithmetic >= memory ? .arithmetic : .memory
    }

    private static func once(_ decoder: some Decoder, _ cacheType: DType, prompt: Int, generate: Int, batch: Int) throws
        -> (Double, Double)
    {
        let cache = KVCache(layout: decoder.cacheLayout(cacheType), context: prompt + generate)
        let sequences = (0..<batch).map { _ in cache.makeSequence() }
        let vocabulary = decoder.configuration.vocabulary
        let tokens = (0..<prompt).map { Int32(truncatingIfNeeded: ($0 * 7919 + 13) % vocabulary) }
        let start = ProgressBar.seconds()
        for stretch in stride(from: 0, to: prompt, by: chunk) {
            try Task.checkCancellation()
            let part = Array(tokens[stretch..<min(stretch + chunk, prompt)])
            _ = try decoder.run(sequences.map { .init($0, part) })
        }
        let between = ProgressBar.seconds()
        for step in 0..<generate {
            try Task.checkCancellation()
            let token = Int32(truncatingIfNeeded: (step * 31 + 7) % vocabulary)
            _ = try decoder.run(sequences.map { .init($0, [token]) })
        }
        let end = ProgressBar.seconds()
        return (Double(prompt * batch) / (between - start), Double(generate * batch) / (end - between))
    }

    static func median(_ values: [Double]) -> (median: Double, spread: Double) {
        let sorted = values.sorted()
        guard let low = sorted.first, let high = sorted.last else { return (0, 0) }
        let middle = sorted.count / 2
        let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        return (median, median > 0 ? (high - low) / 2 / median : 0)
    }

    var json: JSON {
        [
            "prefill_tokens_per_s": .number(prefill), "decode_tokens_per_s": .number(decode),
            "prefill_spread": .number(prefillSpread), "decode_spread": .number(decodeSpread),
            "bandwidth_share": .number(bandwidthShare), "read_bytes_per_s": .number(bandwidth.rounded()),
            "arithmetic_kind": .string(kind.name),
            "arithmetic_share": arithmeticShare.map { .number($0) } ?? .null,
            "peak_operations_per_s": peak.map { .number($0.rounded()) } ?? .null,
            "prefill_bound": .string(prefillBound.rawValue), "decode_bound": .string(decodeBound.rawValue),
            "prompt": .integer(prompt), "generate": .integer(generate), "batch": .integer(batch),
            "threads": .integer(threads), "cache_type": .string(cacheType.description.lowercased()),
            "memory": memory.map { ["own_bytes": .integer($0.own), "file_bytes": .integer($0.files)] } ?? .null,
        ]
    }
}
