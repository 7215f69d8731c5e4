import Synchronization

@testable import ApusModelStore

/// The reports of a pull, in order.
final class Reports: Sendable {
    private let list = Mutex<[PullProgress]>([])
    func append(_ progress: PullProgress) { list.withLock { $0.append(progress) } }
    var all: [PullProgress] { list.withLock { $0 } }
}

/// Lets a test wait until something happened once.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func send() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}

/// The port of a server, known once it is there.
final class Ports: Sendable {
    private let value = Mutex(0)
    func set(_ port: Int) { value.withLock { $0 = port } }
    var port: Int { value.withLock { $0 } }
}
