import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How well a decoder predicts a text: the nats it takes per window of tokens.
public struct Perplexity: Sendable, Equatable {
    public struct Window: Sendable, Equatable {
        /// Negative log-likelihood of the predicted tokens, in nats.
        public let nll: Double
        /// Tokens that were predicted.
        public let tokens: Int

        public init(nll: Double, tokens: Int) {
            self.nll = nll
            self.tokens = tokens
        }
    }

    public private(set) var windows: [Window] = []

    /// Nats in all.
    public var nll: Double { windows.reduce(0) { $0 + $1.nll } }
    /// Predicted tokens in all.
    public var tokens: Int { windows.reduce(0) { $0 + $1.tokens } }
    /// e to the mean nats per token.
    public var perplexity: Double { exp(nll / Double(tokens)) }

    /// How tokens are cut into windows, and which of them count.
    public enum Method: Sendable, Equatable {
        /// Windows that do not overlap (the last may be shorter, one of a single token is left out); every token of a
        /// window but its first is predicted.
        case windows
        /// llama.cpp's `perplexity` tool: whole windows only, BOS in place of each window's first token where the model
        /// asks for it, and only the tokens of the second half count.
        case llamaCpp(bos: Int32?)
    }

    /// Measures a decoder on tokens.
    ///
    /// - Parameters:
    ///   - context: tokens per window.
    ///   - cacheType: the type of cached keys and values.
    ///   - progress: called with the share done, 0 to 1; may throw to stop.
    /// - Throws: ``ModelError`` as ``Decoder/run(_:)`` does, and for a result that is not finite, which names
    ///   the damaged tensor where there is one.
    public init(
        _ decoder: some Decoder, tokens: [Int32], context: Int, method: Method = .windows,
        cacheType: DType = .f32, progress: (Double) throws -> Void = { _ in }
    ) throws {
        guard context >= 2 else { throw ModelError.windowTooShort(context) }
        // The context in use is that of the windows: rotary scalings which depend on it follow.
        let cache = KVCache(layout: decoder.cacheLayout(cacheType), context: context)
        for start in stride(from: 0, to: tokens.count, by: context) {
            var window = Array(tokens[start..<min(start + context, tokens.count)])
            var first = 1
            if case .llamaCpp(let bos) = method {
                guard window.count == context else { break }
                if let bos { window[0] = bos }
                first = context / 2 + 1
            }
            guard window.count > first else { continue }
            windows.append(
                Window(nll: try Self.nll(decoder, window, from: first, cache), tokens: window.count - first))
            try progress(Double(start + window.count) / Double(tokens.count))
        }
        if !nll.isFinite { throw decoder.damage() ?? ModelError.damagedLogits }
    }

    /// The nats of a window's tokens from `first` on.
    private static func nll(_ decoder: some Decoder, _ window: [Int32], from first: Int, _ cache: KVCache) throws
        -> Double
    {
        // Logits of a stretch of rows take vocabulary · rows floats: bounded to some 64 MiB.
        let stretch = max(1, min(512, (1 << 24) / decoder.configuration.vocabulary))
        let sequence = cache.makeSequence()
        var nll = 0.0
        for start in stride(from: 0, to: window.count - 1, by: stretch) {
            let end = min(start + stretch, window.count - 1)
            let predicted = max(0, end - max(start, first - 1))
            let logits = try decoder.run([.init(sequence, Array(window[start..<end]), outputs: predicted)])
            guard predicted > 0 else { continue }
            let targets = Array(window[end - predicted + 1...end])
            nll += try logits.negativeLogLikelihoods(of: targets).reduce(0, +)
        }
        return nll
    }
}
