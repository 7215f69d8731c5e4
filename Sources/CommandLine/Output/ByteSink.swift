import Glibc
import Synchronization

/// Takes bytes on their way out.
protocol ByteSink: AnyObject, Sendable {
    func write(_ bytes: [UInt8])
    func flush()
}

extension ByteSink {
    func write(_ text: String) { write(Array(text.utf8)) }
}

/// A file descriptor, written in large pieces unless somebody watches.
final class FileSink: ByteSink {
    private let descriptor: Int32
    private let isTerminal: Bool
    private let waiting = Mutex<[UInt8]>([])

    init(descriptor: Int32, isTerminal: Bool) {
        self.descriptor = descriptor
        self.isTerminal = isTerminal
    }

    func write(_ bytes: [UInt8]) {
        waiting.withLock { waiting in
            waiting += bytes
            if isTerminal || waiting.count >= 1 << 16 { send(&waiting) }
        }
    }

    func flush() { waiting.withLock { send(&$0) } }

    private func send(_ waiting: inout [UInt8]) {
        var start = 0
        while start < waiting.count {
            let count = waiting.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start)
            }
            if count > 0 {
                start += count
            } else if count < 0, errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if count < 0, errno != EINTR {
                if errno == EPIPE { Self.endQuietly() }
                let reason = String(cString: strerror(errno))
                if descriptor != 2 {
                    FileSink(descriptor: 2, isTerminal: true).write("apus: cannot write the result: \(reason)\n")
                }
                _exit(1)
            }
        }
        waiting.removeAll(keepingCapacity: true)
    }

    /// The reader of a pipe left (`apus … | head`): end as every Unix filter does, by the signal that says so.
    private static func endQuietly() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        _exit(141)
    }
}

/// Keeps what is written, for tests.
final class MemorySink: ByteSink {
    private let kept = Mutex<[UInt8]>([])

    func write(_ bytes: [UInt8]) { kept.withLock { $0 += bytes } }
    func flush() {}

    var bytes: [UInt8] { kept.withLock { $0 } }
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
