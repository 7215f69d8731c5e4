import ApusTensors
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

    @Test("The processors are those of the affinity mask at most")
    func processors() {
        #expect(Processors.available >= 1)
        #expect(Processors.available <= Processors.affinity())
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
}
