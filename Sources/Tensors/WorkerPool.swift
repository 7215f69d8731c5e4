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
/// than one: threads spin briefly for what they wait for, and then park. Every task is taken by whichever thread is
/// free, and an operation ends with its tasks: a thread that another program keeps from running delays the task that it
/// holds and no other. Which thread runs a task never changes a result.
public final class WorkerPool: @unchecked Sendable {
    // Sendable: `body` and `tasks` are written by the one thread that holds `turn`, while no task is left to be taken;
    // a thread reads them only after it has taken one, and the writer waits until all taken tasks are done.

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
    /// The operation's number in the high half, how many of its tasks nobody has taken yet in the low half. One word, so
    /// that a thread that was held up between looking and taking cannot take a task of another operation.
    private let ticket = Atomic<UInt64>(0)
    /// Tasks that are not done yet.
    private let pending = Atomic<Int>(0)
    /// Where the thread runs that waits for the operation.
    private let callerProcessor = Atomic<Int32>(-1)
    private let workersParked = Atomic<Int>(0)
    private let callerParked = Atomic<Bool>(false)
    private let workers = Parking()
    private let caller = Parking()
    private let turn = Mutex<Void>(())
    /// Where the workers are to run.
    private let processors: [Int32]
    private let areKept: Bool

    /// How long a thread spins before it parks, in nanoseconds. Waking one takes 20 to 30 µs: what lies between two
    /// operations is mostly shorter than that, and spinning for a few times as long costs little where it is not.
    private static let spinTime: UInt64 = 100_000

    public init(threads: Int) {
        self.threads = max(1, threads)
        let allowed = Processors.mask()
        let fastest = Processors.fastest(self.threads, of: allowed)
        areKept = fastest != nil
        processors = (fastest ?? allowed).map { Int32($0) }
        for _ in 1..<max(1, self.threads) { startWorker() }
    }

    /// Runs `body(0) … body(tasks - 1)`, each once, on all threads of the pool, and returns when all have returned.
    ///
    /// While another caller has the pool, and inside a task, the work is done on the calling thread.
    public func run(tasks: Int, _ body: (Int) -> Void) {
        guard tasks > 1, threads > 1, tasks < UInt32.max else {
            for task in 0..<max(0, tasks) { body(task) }
            return
        }
        let shared: Void? = turn.withLockIfAvailable { _ in
            withoutActuallyEscaping(body) { body in
                self.body = body
                self.tasks = tasks
                pending.store(tasks, ordering: .relaxed)
                callerProcessor.store(apus_processor_in_use(), ordering: .relaxed)
                let round = (ticket.load(ordering: .relaxed) >> 32) &+ 1
                ticket.store(round << 32 | UInt64(tasks), ordering: .sequentiallyConsistent)
                if workersParked.load(ordering: .sequentiallyConsistent) > 0 { workers.wakeAll() }
                takeTasks()
                waitForOthers()
                self.body = nil
            }
        }
        if shared == nil {
            for task in 0..<tasks { body(task) }
        }
    }

    /// Takes tasks until none is left.
    @inline(__always)
    private func takeTasks(afterEach: () -> Void = {}) {
        var seen = ticket.load(ordering: .relaxed)
        while case let left = Int(truncatingIfNeeded: seen & 0xFFFF_FFFF), left > 0 {
            let (taken, now) = ticket.weakCompareExchange(
                expected: seen, desired: seen - 1, successOrdering: .acquiring, failureOrdering: .relaxed)
            guard taken else {
                seen = now
                continue
            }
            body?(tasks - left)
            let open = pending.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
            if open == 0, callerParked.load(ordering: .sequentiallyConsistent) { caller.wakeAll() }
            afterEach()
            seen = ticket.load(ordering: .relaxed)
        }
    }

    private func waitForOthers() {
        guard !spin(while: { pending.load(ordering: .acquiring) > 0 }) else { return }
        callerParked.store(true, ordering: .sequentiallyConsistent)
        caller.wait { pending.load(ordering: .sequentiallyConsistent) > 0 }
        callerParked.store(false, ordering: .relaxed)
    }

    private func work() {
        if areKept { _ = apus_set_affinity(processors, Int32(processors.count)) }
        let nothingToDo = { [self] in ticket.load(ordering: .sequentiallyConsistent) & 0xFFFF_FFFF == 0 }
        var sharing = ProcessorSharing(allowed: processors)
        while true {
            if !spin(while: nothingToDo) {
                workersParked.wrappingAdd(1, ordering: .sequentiallyConsistent)
                workers.wait(while: nothingToDo)
                workersParked.wrappingSubtract(1, ordering: .relaxed)
                sharing.begin()
            }
            sharing.leave(callerProcessor.load(ordering: .relaxed))
            takeTasks { sharing.betweenTasks() }
        }
    }

    /// Waits without giving up the processor, as long as that pays.
    /// - Returns: whether the condition came to an end.
    @inline(__always)
    private func spin(while condition: () -> Bool) -> Bool {
        var end: UInt64?
        while true {
            for _ in 0..<32 {
                if !condition() { return true }
                apus_pause()
            }
            let now = monotonicTime()
            if let end, now >= end { return false }
            if end == nil { end = now + Self.spinTime }
        }
    }

    private func monotonicTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
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

/// Where threads sleep: a condition variable.
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
