import NIOCore
import NIOPosix
import Synchronization

/// A server on 127.0.0.1 that answers as a test says, truthfully or not: it writes bytes, not HTTP.
final class LoopbackPeer: Sendable {
    struct Request: Sendable {
        var method: String
        /// As it stands in the request: a path with its query, or HOST:PORT for a tunnel.
        var target: String
        var headers: [String: String]

        var path: String { target.split(separator: "?").first.map(String.init) ?? target }
        func header(_ name: String) -> String? { headers[name.lowercased()] }
    }

    struct Reply: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// What `Content-Length` says in place of the truth; `.some(nil)` leaves it out.
        var announcedLength: Int??
        /// Close the connection after so many bytes of the body.
        var dropAfter: Int?
        /// Say nothing more after so many bytes of the body, or nothing at all if negative.
        var hangAfter: Int?

        init(_ status: Int = 200, _ headers: [(String, String)] = [], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        init(json: String, _ headers: [(String, String)] = []) {
            self.init(200, headers + [("Content-Type", "application/json")], body: Array(json.utf8))
        }
    }

    private struct Log {
        var requests: [Request] = []
        var bodyBytes = 0
        var openHangs: [any Channel] = []
    }

    private let handler: @Sendable (Request) -> Reply
    private let log = Mutex(Log())
    private let server: Mutex<(any Channel)?> = Mutex(nil)

    private init(_ handler: @escaping @Sendable (Request) -> Reply) { self.handler = handler }

    /// Runs `body` with a server that is there for its time only.
    static func serving<Value>(
        _ handler: @escaping @Sendable (Request) -> Reply, _ body: (LoopbackPeer) async throws -> Value
    ) async throws -> Value {
        let peer = LoopbackPeer(handler)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Connection(peer: peer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        peer.server.withLock { $0 = channel }
        do {
            let value = try await body(peer)
            try await peer.close()
            return value
        } catch {
            try await peer.close()
            throw error
        }
    }

    private func close() async throws {
        for channel in log.withLock({ $0.openHangs }) { try? await channel.close().get() }
        try await server.withLock { $0 }?.close().get()
    }

    var port: Int { server.withLock { $0?.localAddress?.port } ?? 0 }
    var address: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { log.withLock { $0.requests } }
    /// Bytes of bodies that were sent.
    var bodyBytes: Int { log.withLock { $0.bodyBytes } }

    fileprivate func answer(_ request: Request, on channel: any Channel) {
        log.withLock { $0.requests.append(request) }
        if request.method == "CONNECT" {
            // A proxy's tunnel, which leads to this peer itself.
            channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"), promise: nil)
            return
        }
        let reply = handler(request)
        if let hang = reply.hangAfter, hang < 0 {
            log.withLock { $0.openHangs.append(channel) }
            return
        }
        var head = "HTTP/1.1 \(reply.status) X\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        switch reply.announcedLength {
        case .none: head += "Content-Length: \(reply.body.count)\r\n"
        case .some(.some(let length)): head += "Content-Length: \(length)\r\n"
        case .some(.none): break
        }
        head += "Connection: close\r\n\r\n"
        var body = request.method == "HEAD" ? [] : reply.body[...]
        if let count = reply.dropAfter ?? reply.hangAfter { body = body.prefix(count) }
        let sent = body.count
        log.withLock { $0.bodyBytes += sent }
        var buffer = channel.allocator.buffer(capacity: head.utf8.count + body.count)
        buffer.writeString(head)
        buffer.writeBytes(body)
        let isHanging = reply.hangAfter != nil
        if isHanging { log.withLock { $0.openHangs.append(channel) } }
        channel.writeAndFlush(buffer).whenComplete { _ in
            if !isHanging { channel.close(promise: nil) }
        }
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let peer: LoopbackPeer
        private var bytes: [UInt8] = []

        init(peer: LoopbackPeer) { self.peer = peer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.hasSuffix("\r\n\r\n") else { return }
            bytes = []
            // One character to Swift, two to the protocol.
            let lines = text.split(separator: "\r\n").map(String.init)
            let words = (lines.first ?? "").split(separator: " ").map(String.init)
            guard words.count == 3 else {
                context.close(promise: nil)
                return
            }
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].drop { $0 == " " }
                headers[line[..<colon].lowercased()] = String(value)
            }
            peer.answer(Request(method: words[0], target: words[1], headers: headers), on: context.channel)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
