import Glibc
import Synchronization

/// The terminal's mode while a line is edited: each key at once, nothing echoed, signals as keys.
///
/// Whatever ends the program, the mode that was found is put back: leaving calls `end()`, `exit` runs the same through
/// `atexit`, and fatal signals restore before they take their course.
enum RawMode {
    /// The mode that was found. Written once before `isActive` is set, and read by signal handlers only while it is.
    nonisolated(unsafe) private static var found = termios()
    private static let isActive = Atomic<Bool>(false)
    private static let isPrepared = Atomic<Bool>(false)
    private static let descriptor: Int32 = STDIN_FILENO

    /// Bracketed paste on and off (xterm control sequences, DECSET 2004).
    private static let pasteOn = "\u{1B}[?2004h"
    static let pasteOff: StaticString = "\u{1B}[?2004l"

    /// Enters raw mode; false when the terminal refuses.
    static func begin() -> Bool {
        prepareOnce()
        var mode = termios()
        guard tcgetattr(descriptor, &mode) == 0 else { return false }
        found = mode
        mode.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
        mode.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        mode.c_cflag |= tcflag_t(CS8)
        // VMIN 1, VTIME 0: a read waits for one byte.
        withUnsafeMutableBytes(of: &mode.c_cc) { codes in
            codes[Int(VMIN)] = 1
            codes[Int(VTIME)] = 0
        }
        guard tcsetattr(descriptor, TCSADRAIN, &mode) == 0 else { return false }
        isActive.store(true, ordering: .sequentiallyConsistent)
        var bytes = Array(pasteOn.utf8)
        write(STDOUT_FILENO, &bytes, bytes.count)
        return true
    }

    static func end() { restore() }

    /// Puts back what was found. Only calls that are allowed in a signal handler.
    private static func restore() {
        guard isActive.exchange(false, ordering: .sequentiallyConsistent) else { return }
        write(STDOUT_FILENO, pasteOff.utf8Start, pasteOff.utf8CodeUnitCount)
        tcsetattr(descriptor, TCSADRAIN, &found)
    }

    private static func prepareOnce() {
        guard !isPrepared.exchange(true, ordering: .sequentiallyConsistent) else { return }
        atexit { RawMode.restore() }
        for number in [SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                RawMode.restore()
                signal(number, SIG_DFL)
                raise(number)
            }
            sigaction(number, &action, nil)
        }
    }
}
