import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Threads that live as long as the process and share out the tasks of one operation at a time.
///
/// A step of a language model has hundreds of operations of some microseconds each, so handing out work must cost less
/// than one: workers spin briefly for the next operation and then park. Which thread runs a task never changes a result.
public final class WorkerPool: @unchecked Sendable {
    // Sendable: `body` is written by the one thread that holds `turn`, before it publishes `round`; workers read it only
    // between that and their decrement of `running`, for which the writer waits.

    /// The pool that operations use. Its size is set once, before the first operation.
    public static let shared = WorkerPool(threads: requestedThreads.load(ordering: .relaxed))

    private static let requestedThreads = Atomic<Int>(Processors.available)

    /// Sets how many threads `shared` will have. Without effect once it is running.
    public static func useThreads(_ count: Int) {
        requestedThreads.store(max(1, min(count, 1024)), ordering: .relaxed)
    }

    /// Threads that take part in an operation, the caller's included.
    public let threads: Int

    private var body: ((Int) -> Void)?
    private var tasks = 0
    private let next = Atomic<Int>(0)
    private let round = Atomic<Int>(0)
    private let running = Atomic<Int>(0)
    private let parked = Atomic<Int>(0)
    private let turn = Mutex<Void>(())
    private let parking: Parking

    /// Rounds of the spin before a worker parks: some tens of microseconds.
    private static let spins = 4_000

    public init(threads: Int) {
        self.threads = max(1, threads)
        self.parking = Parking()
        for _ in 1..<max(1, self.threads) { startWorker() }
    }

    /// Runs `body(0) … body(tasks - 1)`, each once, on all threads of the pool, and returns when all have returned.
    ///
    /// While another caller has the pool, and inside a task, the work is done on the calling thread.
    public func run(tasks: Int, _ body: (Int) -> Void) {
        guard tasks > 1, threads > 1 else {
            for task in 0..<max(0, tasks) { body(task) }
            return
        }
        let shared: Void? = turn.withLockIfAvailable { _ in
            withoutActuallyEscaping(body) { body in
                self.body = body
                self.tasks = tasks
                next.store(0, ordering: .relaxed)
                running.store(threads - 1, ordering: .relaxed)
                round.wrappingAdd(1, ordering: .sequentiallyConsistent)
                if parked.load(ordering: .sequentiallyConsistent) > 0 { parking.wakeAll() }
                takeTasks()
                while running.load(ordering: .acquiring) > 0 { apus_pause() }
                self.body = nil
            }
        }
        if shared == nil {
            for task in 0..<tasks { body(task) }
        }
    }

    private func takeTasks() {
        guard let body else { return }
        while true {
            let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard task < tasks else { return }
            body(task)
        }
    }

    private func work() {
        var seen = 0
        while true {
            var spin = 0
            while round.load(ordering: .acquiring) == seen {
                spin += 1
                if spin < Self.spins {
                    apus_pause()
                } else {
                    parked.wrappingAdd(1, ordering: .sequentiallyConsistent)
                    parking.wait { round.load(ordering: .sequentiallyConsistent) == seen }
                    parked.wrappingSubtract(1, ordering: .relaxed)
                }
            }
            seen += 1
            takeTasks()
            running.wrappingSubtract(1, ordering: .releasing)
        }
    }

    private func startWorker() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 4 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let pool = Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        pthread_create(
            &thread, &attributes,
            { argument in
                #if canImport(Darwin)
                    let pool = Unmanaged<WorkerPool>.fromOpaque(argument).takeUnretainedValue()
                #else
                    guard let argument else { return nil }
                    let pool = Unmanaged<WorkerPool>.fromOpaque(argument).takeUnretainedValue()
                #endif
                pool.work()
                return nil
            }, pool)
        pthread_attr_destroy(&attributes)
    }
}

/// Where workers sleep: a condition variable.
private final class Parking: @unchecked Sendable {
    // Sendable: the pointers are set once; what they point to is made for sharing between threads.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    /// Sleeps for as long as `condition` holds; it is looked at under the lock that `wakeAll` takes.
    func wait(while condition: () -> Bool) {
        pthread_mutex_lock(mutex)
        while condition() { pthread_cond_wait(self.condition, mutex) }
        pthread_mutex_unlock(mutex)
    }

    func wakeAll() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}
