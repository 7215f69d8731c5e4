import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How a worker gets along with other programs on its processor.
///
/// A thread that has used up its share loses the processor for some milliseconds, whatever it is doing; and when it holds a
/// task, everybody waits for that task. A thread that sleeps before this happens, between two tasks, holds up nobody: the
/// others take the tasks meanwhile, and the system gives it its share when it wakes. So a worker that has lost its
/// processor rests after some work, longer if it loses it again, until nobody else wants to run. And it keeps away from
/// the processor of the thread that waits for it: the two would take turns there, on half of what one of them can do.
struct ProcessorSharing {
    /// Nanoseconds of work between two looks.
    private static let burst: UInt64 = 2_000_000
    /// What has to be lost within a burst to count, in nanoseconds: interrupts and the kernel's own threads take less.
    private static let loss: UInt64 = 300_000
    /// Bursts without a loss after which less rest is tried.
    private static let patience = 32

    /// Where the worker may run.
    private let allowed: [Int32]
    /// Rest for each nanosecond of work; 0 while nobody else wants to run.
    private(set) var rest = 0.0
    private var calm = 0
    private var start: UInt64 = 0
    private var startOfOwn: UInt64 = 0
    private var preemptions: Int64 = 0

    init(allowed: [Int32]) {
        self.allowed = allowed
        begin()
    }

    /// Leaves a processor to the thread that waits for this one, where both are on it and there is another.
    @inline(__always)
    func leave(_ processor: Int32) {
        if apus_processor_in_use() == processor, processor >= 0 { move(awayFrom: processor) }
    }

    private func move(awayFrom processor: Int32) {
        let others = allowed.filter { $0 != processor }
        if !others.isEmpty { _ = apus_set_affinity(others, Int32(others.count)) }
    }

    /// To be called when the thread has been asleep.
    mutating func begin() {
        start = Self.time(CLOCK_MONOTONIC)
        startOfOwn = Self.time(CLOCK_THREAD_CPUTIME_ID)
        preemptions = apus_preemptions()
    }

    /// To be called while the thread holds nothing that others wait for.
    @inline(__always)
    mutating func betweenTasks() {
        let now = Self.time(CLOCK_MONOTONIC)
        if now &- start >= Self.burst { endBurst(now) }
    }

    private mutating func endBurst(_ now: UInt64) {
        let (worked, elapsed) = (Self.time(CLOCK_THREAD_CPUTIME_ID) &- startOfOwn, now &- start)
        note(lost: apus_preemptions() == preemptions || elapsed < worked ? 0 : elapsed - worked)
        if rest > 0 {
            let pause = UInt64(min(20e6, Double(worked) * rest))
            var time = timespec(tv_sec: 0, tv_nsec: Int(pause))
            nanosleep(&time, nil)
        }
        begin()
    }

    /// Learns from a burst in which the thread waited so long, in nanoseconds, for its processor.
    mutating func note(lost: UInt64) {
        if lost >= Self.loss {
            rest = rest == 0 ? 0.5 : min(8, rest * 1.5)
            calm = 0
        } else if rest > 0 {
            calm += 1
            guard calm >= Self.patience else { return }
            calm = 0
            rest = rest > 0.4 ? rest * 0.7 : 0
        }
    }

    private static func time(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
