import ApusTensors

/// How fast this machine reads memory: the limit of decoding, which reads all weights for each token.
enum MemoryBandwidth {
    /// Bytes a second that all threads together read from a buffer too large for any cache. Takes under a second.
    ///
    /// The best of several passes counts: everything that disturbs a pass makes it slower.
    static func measure(bytes: Int = 512 << 20, passes: Int = 5) -> Double {
        let pool = WorkerPool.shared
        let tasks = pool.threads * 4
        let wordsPerTask = bytes / tasks / 64 * 8
        let words = wordsPerTask * tasks
        let buffer = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: words)
        defer { buffer.deallocate() }
        let sums = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: tasks)
        defer { sums.deallocate() }
        // Written by the threads that will read, so that pages lie where their readers run.
        pool.run(tasks: tasks) { task in
            for index in task * wordsPerTask..<(task + 1) * wordsPerTask {
                buffer[index] = UInt64(truncatingIfNeeded: index)
            }
        }
        var best = 0.0
        for _ in 0..<passes {
            let start = ProgressBar.seconds()
            pool.run(tasks: tasks) { task in
                sums[task] = sum(UnsafeBufferPointer(rebasing: buffer[task * wordsPerTask..<(task + 1) * wordsPerTask]))
            }
            best = max(best, Double(words * 8) / (ProgressBar.seconds() - start))
        }
        return best
    }

    /// Four sums side by side, so that the processor has several reads under way.
    private static func sum(_ words: UnsafeBufferPointer<UInt64>) -> UInt64 {
        guard let base = words.baseAddress else { return 0 }
        var sums = (SIMD8<UInt64>(), SIMD8<UInt64>(), SIMD8<UInt64>(), SIMD8<UInt64>())
        let vectors = UnsafeRawPointer(base)
        var offset = 0
        while offset + 256 <= words.count * 8 {
            sums.0 &+= vectors.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
            sums.1 &+= vectors.loadUnaligned(fromByteOffset: offset + 64, as: SIMD8<UInt64>.self)
            sums.2 &+= vectors.loadUnaligned(fromByteOffset: offset + 128, as: SIMD8<UInt64>.self)
            sums.3 &+= vectors.loadUnaligned(fromByteOffset: offset + 192, as: SIMD8<UInt64>.self)
            offset += 256
        }
        return (sums.0 &+ sums.1 &+ sums.2 &+ sums.3).wrappedSum()
    }
}
