import ApusTensors
import CKernels
import Synchronization
import Testing

@Suite("The worker pool")
struct WorkerPoolTests {
    @Test("Runs every task once, whatever their number", arguments: [1, 2, 3, 8], [0, 1, 2, 7, 100, 5000])
    func everyTask(threads: Int, tasks: Int) {
        let pool = WorkerPool(threads: threads)
        let counts = (0..<tasks).map { _ in Counter() }
        for _ in 0..<3 { pool.run(tasks: tasks) { counts[$0].value.wrappingAdd(1, ordering: .relaxed) } }
        #expect(counts.allSatisfy { $0.value.load(ordering: .relaxed) == 3 })
    }

    @Test("Takes several callers at once and calls from within tasks")
    func callers() async {
        let pool = WorkerPool(threads: 2)
        let sum = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<200 {
                        pool.run(tasks: 4) { _ in
                            pool.run(tasks: 3) { _ in sum.value.wrappingAdd(1, ordering: .relaxed) }
                        }
                    }
                }
            }
        }
        #expect(sum.value.load(ordering: .relaxed) == 8 * 200 * 4 * 3)
    }

    @Test("Tasks that a held-up thread cannot take are taken by others", arguments: [2, 3, 8])
    func takingOver(threads: Int) {
        let pool = WorkerPool(threads: threads)
        for round in 0..<50 {
            let tasks = 40
            let done = Counter()
            // One task, wherever it is taken, lasts until all others are done: a fixed share would never end.
            pool.run(tasks: tasks) { task in
                if task == round % tasks {
                    while done.value.load(ordering: .acquiring) < tasks - 1 { apus_pause() }
                }
                done.value.wrappingAdd(1, ordering: .releasing)
            }
            #expect(done.value.load(ordering: .relaxed) == tasks)
        }
    }

    @Test("Threads that outnumber the processors, and operations in quick succession, lose nothing")
    func succession() {
        let pool = WorkerPool(threads: 9)
        var sums = [Int](repeating: 0, count: 7)
        for round in 0..<3000 {
            sums.withUnsafeMutableBufferPointer { sums in
                let sums = UncheckedPointer(sums)
                pool.run(tasks: 2 + round % 6) { sums.buffer[$0] += 1 }
            }
        }
        for task in sums.indices {
            #expect(sums[task] == (0..<3000).count { 2 + $0 % 6 > task })
        }
    }

    /// Tasks write to places of their own.
    private struct UncheckedPointer: @unchecked Sendable {
        let buffer: UnsafeMutableBufferPointer<Int>
        init(_ buffer: UnsafeMutableBufferPointer<Int>) { self.buffer = buffer }
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
}
