import Synchronization
import Testing

@testable import ApusModelStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder for one test, removed at its end.
struct Scratch: Sendable {
    let path: String

    static func with<Value>(_ body: (Scratch) async throws -> Value) async throws -> Value {
        var template = Array("\(P_tmpdir)/apus-store-XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        try #require(made)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let scratch = Scratch(path: path)
        do {
            let value = try await body(scratch)
            try FileSystem.remove(path)
            return value
        } catch {
            try? FileSystem.remove(path)
            throw error
        }
    }

    var store: ModelStore { ModelStore(root: path + "/models") }

    func write(_ relative: String, _ bytes: [UInt8]) throws {
        try FileSystem.createFolder(FileSystem.parent(of: path + "/" + relative))
        try FileSystem.write(bytes, to: path + "/" + relative)
    }

    func write(_ relative: String, _ text: String = "{}") throws { try write(relative, Array(text.utf8)) }

    func link(_ relative: String, to target: String) throws {
        try FileSystem.createFolder(FileSystem.parent(of: path + "/" + relative))
        try #require(symlink(target, path + "/" + relative) == 0)
    }

    /// A client of a peer with short times, and the pauses that it asked for.
    func client(
        _ endpoint: String, token: String? = nil, pauses: Pauses = Pauses(),
        change: (inout HubConfiguration) -> Void = { _ in }
    ) -> HubClient {
        var configuration = HubConfiguration()
        configuration.endpoint = endpoint
        configuration.token = token
        configuration.maximumAttempts = 3
        configuration.connectTimeout = .seconds(30)
        configuration.idleTimeout = .seconds(30)
        configuration.wait = { pause in
            pauses.append(pause)
            try await Task.sleep(for: .milliseconds(1))
        }
        change(&configuration)
        return HubClient(configuration: configuration, store: store)
    }

    /// Bytes of files that are on their way.
    func partialBytes(of name: String) -> Int {
        FileSystem.files(below: store.partialFolder(of: name)).filter { $0.hasSuffix(".partial") }
            .reduce(0) { $0 + (FileSystem.status(store.partialFolder(of: name) + "/" + $1)?.bytes ?? 0) }
    }
}

/// The pauses that a client asked for, in order.
final class Pauses: Sendable {
    private let list = Mutex<[Duration]>([])
    func append(_ pause: Duration) { list.withLock { $0.append(pause) } }
    var all: [Duration] { list.withLock { $0 } }
}

/// Counts calls, for answers that differ from time to time.
final class Counter: Sendable {
    private let count = Mutex(0)
    /// 1 at the first call.
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
    var value: Int { count.withLock { $0 } }
}

/// Runs `body` and gives the hub's error that it ends with.
func hubError(
    _ body: () async throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> HubError {
    do {
        _ = try await body()
    } catch let error as HubError {
        return error
    }
    Issue.record("no error", sourceLocation: sourceLocation)
    throw CancellationError()
}
