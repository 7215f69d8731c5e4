import ApusTensors
import CKernels

/// How fast this machine reads memory, with prefetching: the limit of decoding, which reads all weights for each token.
final class MemoryBandwidth {
    private let pool = WorkerPool.shared
    private let tasks: Int
    private let wordsPerTask: Int
    private let buffer: UnsafeMutablePointer<UInt64>
    private let sums: UnsafeMutablePointer<UInt64>

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
                sums[task] = apus_read(buffer + task * wordsPerTask, Int64(wordsPerTask * 8))
            }
            best = max(best, Double(tasks * wordsPerTask * 8) / (ProgressBar.seconds() - start))
        }
        return best
    }
}
