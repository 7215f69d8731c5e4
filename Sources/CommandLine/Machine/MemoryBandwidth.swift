import ApusTensors

/// How fast this machine reads memory: the limit of decoding, which reads all weights for each token.
final class MemoryBandwidth {
    private let pool = WorkerPool.shared
    private let tasks: Int
    private let wordsPerTask: Int
    private let buffer: UnsafeMutableBufferPointer<UInt64>
    private let sums: UnsafeMutableBufferPointer<UInt64>

    /// - Parameter bytes: more than any cache holds; less is taken where memory is short.
    init(bytes: Int = 512 << 20) {
        tasks = pool.threads * 4
        let available = Machine.memoryAvailable
        let bytes = available > 0 ? min(bytes, max(16 << 20, available / 4)) : bytes
        wordsPerTask = max(32, bytes / tasks / 256 * 32)
        buffer = .allocate(capacity: wordsPerTask * tasks)
        sums = .allocate(capacity: tasks)
        // Written by the threads that will read, so that pages lie where their readers run.
        let (buffer, wordsPerTask) = (buffer, wordsPerTask)
        pool.run(tasks: tasks) { task in
            for index in task * wordsPerTask..<(task + 1) * wordsPerTask {
                buffer[index] = UInt64(truncatingIfNeeded: index)
            }
        }
    }

    deinit {
        buffer.deallocate()
        sums.deallocate()
    }

    /// Bytes a second that all threads together read, at best of several passes: everything that disturbs a pass makes
    /// it slower. A pass takes some hundredths of a second.
    func measure(passes: Int = 2) -> Double {
        var best = 0.0
        let (buffer, sums, wordsPerTask) = (buffer, sums, wordsPerTask)
        for _ in 0..<passes {
            let start = ProgressBar.seconds()
            pool.run(tasks: tasks) { task in
                sums[task] = Self.sum(
                    UnsafeBufferPointer(rebasing: buffer[task * wordsPerTask..<(task + 1) * wordsPerTask]))
            }
            best = max(best, Double(buffer.count * 8) / (ProgressBar.seconds() - start))
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
