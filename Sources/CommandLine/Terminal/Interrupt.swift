import Glibc
import Synchronization

/// Ctrl-C while something runs: the work is asked to stop, the program goes on.
///
/// The signal handler only writes a byte into a pipe; a thread of its own reads it and calls what was asked for.
enum Interrupt {
    private static let pipeEnd = Atomic<Int32>(-1)
    private static let readEnd = Atomic<Int32>(-1)
    private static let action = Mutex<(@Sendable () -> Void)?>(nil)
    /// How often the key was pressed since `during` began.
    private static let presses = Atomic<Int>(0)

    /// Runs `work`; at the first Ctrl-C its task is cancelled, at the third the program ends at once.
    ///
    /// - Throws: what `work` throws; usually `CancellationError` after a Ctrl-C.
    static func during<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        install()
        presses.store(0, ordering: .relaxed)
        let console = Console.current
        let task = Task { try await Console.$current.withValue(console) { try await work() } }
        action.withLock { $0 = { task.cancel() } }
        defer {
            action.withLock { $0 = nil }
            signal(SIGINT, SIG_DFL)
        }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Whether Ctrl-C was pressed in the last `during`.
    static var wasPressed: Bool { presses.load(ordering: .relaxed) > 0 }

    /// Ends the program as the signal itself would have done, so that a calling shell sees why.
    static func endProgram() -> Never {
        RawMode.end()
        signal(SIGINT, SIG_DFL)
        kill(getpid(), SIGINT)
        exit(130)
    }

    private static func install() {
        if pipeEnd.load(ordering: .relaxed) < 0 { startThread() }
        var handler = sigaction()
        handler.__sigaction_handler.sa_handler = { _ in Interrupt.noteSignal() }
        handler.sa_flags = SA_RESTART
        sigaction(SIGINT, &handler, nil)
    }

    private static func startThread() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipeEnd.store(ends[1], ordering: .relaxed)
        readEnd.store(ends[0], ordering: .relaxed)
        var thread = pthread_t()
        pthread_create(&thread, nil, interruptThread, nil)
        pthread_detach(thread)
    }

    /// In the signal handler: only what is allowed there.
    fileprivate static func noteSignal() {
        let count = presses.wrappingAdd(1, ordering: .relaxed).newValue
        if count >= 3 { _exit(130) }
        var byte: UInt8 = 1
        write(pipeEnd.load(ordering: .relaxed), &byte, 1)
    }

    /// In the thread: waits for bytes from the handler.
    fileprivate static func deliver() {
        var byte: UInt8 = 0
        while true {
            let count = read(readEnd.load(ordering: .relaxed), &byte, 1)
            if count == 1 {
                let current = action.withLock { $0 }
                current?()
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }

}

private func interruptThread(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Interrupt.deliver()
    return nil
}
