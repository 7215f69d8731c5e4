import Glibc
import Synchronization

/// Tells that the terminal's window got another size (SIGWINCH).
///
/// The signal reaches the main thread, and a line may be edited in another one, so that the handler writes a byte into a
/// pipe which the editor waits for beside the keys.
enum WindowChange {
    private static let writeEnd = Atomic<Int32>(-1)
    private static let readEnd = Atomic<Int32>(-1)

    /// Readable after a change; -1 where no pipe could be had.
    static var descriptor: Int32 {
        if readEnd.load(ordering: .relaxed) < 0 { install() }
        return readEnd.load(ordering: .relaxed)
    }

    /// Whether there was a change since the last call.
    static func take() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 64)
        return read(readEnd.load(ordering: .relaxed), &bytes, bytes.count) > 0
    }

    private static func install() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        writeEnd.store(ends[1], ordering: .relaxed)
        readEnd.store(ends[0], ordering: .relaxed)
        var handler = sigaction()
        handler.__sigaction_handler.sa_handler = { _ in WindowChange.noteSignal() }
        handler.sa_flags = SA_RESTART
        sigaction(SIGWINCH, &handler, nil)
    }

    /// In the signal handler: only what is allowed there.
    fileprivate static func noteSignal() {
        let before = errno
        var byte: UInt8 = 1
        write(writeEnd.load(ordering: .relaxed), &byte, 1)
        errno = before
    }
}
