import ApusModelFiles
import ApusModels
import ApusTensors

/// Speed of a decoder: tokens a second while it reads a prompt, and while it writes.
struct Benchmark: Sendable {
    let prompt: Int
    let generate: Int
    let batch: Int
    let threads: Int
    /// Medians in tokens a second, of all sequences together.
    let prefill: Double
    let decode: Double
    /// Half the distance from the lowest to the highest, over the median.
    let prefillSpread: Double
    let decodeSpread: Double
    /// Bytes a second that this machine reads from memory, and the share of them that decoding reaches.
    let bandwidth: Double
    let bandwidthShare: Double

    /// - Throws: `ModelError`, among others for a prompt that does not fit; `CancellationError`.
    init(_ model: LoadedDecoder, prompt: Int?, generate: Int?, batch: Int, repeats: Int) throws {
        let context = model.configuration.context
        self.prompt = prompt ?? min(512, max(1, context - min(generate ?? 128, context / 2)))
        self.generate = generate ?? max(1, min(128, context - self.prompt))
        self.batch = batch
        threads = WorkerPool.shared.threads
        let (total, _) = self.prompt.addingReportingOverflow(self.generate)
        guard total <= context else {
            throw CommandError.benchmarkTooLong(tokens: total, context: context)
        }
        var rates: (prefill: [Double], decode: [Double]) = ([], [])
        // The first run touches each page of the weights for the first time, and is not counted.
        for round in 0...repeats {
            let (prefill, decode) = try Self.once(
                model.decoder, model.usualCacheType, prompt: self.prompt, generate: self.generate, batch: batch)
            guard round > 0 else { continue }
            rates.prefill.append(prefill)
            rates.decode.append(decode)
        }
        (prefill, prefillSpread) = Self.median(rates.prefill)
        (decode, decodeSpread) = Self.median(rates.decode)
        bandwidth = MemoryBandwidth.measure()
        let weights = try model.weights.tensorNames.reduce(0) { try $0 + model.weights.tensor(named: $1).bytes.count }
        // A step of the whole batch reads the weights once.
        bandwidthShare = decode / Double(batch) * Double(weights) / bandwidth
    }

    private static func once(_ decoder: some Decoder, _ cacheType: DType, prompt: Int, generate: Int, batch: Int) throws
        -> (Double, Double)
    {
        let cache = KVCache(layout: decoder.cacheLayout(cacheType), context: prompt + generate)
        let sequences = (0..<batch).map { _ in cache.makeSequence() }
        let vocabulary = decoder.configuration.vocabulary
        let tokens = (0..<prompt).map { Int32(truncatingIfNeeded: ($0 * 7919 + 13) % vocabulary) }
        let start = ProgressBar.seconds()
        for stretch in stride(from: 0, to: prompt, by: 512) {
            try Task.checkCancellation()
            let part = Array(tokens[stretch..<min(stretch + 512, prompt)])
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

    private static func median(_ values: [Double]) -> (median: Double, spread: Double) {
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
            "prompt": .integer(prompt), "generate": .integer(generate), "batch": .integer(batch),
            "threads": .integer(threads),
        ]
    }
}
