import Glibc

/// Lines of a file descriptor, without their ends; what is no UTF-8 is replaced.
struct PlainLines {
    let descriptor: Int32
    private var pending: [UInt8] = []
    private var searched = 0
    private var ended = false

    init(descriptor: Int32) { self.descriptor = descriptor }

    mutating func next() -> String? {
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            if let end = pending[searched...].firstIndex(of: 0x0A) { return take(upTo: end, skipping: 1) }
            searched = pending.count
            if ended { return pending.isEmpty ? nil : take(upTo: pending.count, skipping: 0) }
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                pending += chunk[..<count]
            } else if count == 0 || errno != EINTR {
                ended = true
            }
        }
    }

    private mutating func take(upTo end: Int, skipping: Int) -> String {
        var line = pending[..<end]
        if line.last == 0x0D { line.removeLast() }
        defer {
            pending.removeFirst(end + skipping)
            searched = 0
        }
        return String(decoding: line, as: UTF8.self)
    }
}
