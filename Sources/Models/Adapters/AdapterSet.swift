import ApusTensors
import Synchronization

/// Adapters of one model that add up: where its linear maps find their changes.
public final class AdapterSet: AdapterSource {
    /// An adapter and how strongly it is used.
    public struct Member: Sendable {
        public let adapter: Adapter
        public let scale: Float

        public init(_ adapter: Adapter, scale: Float = 1) {
            self.adapter = adapter
            self.scale = scale
        }
    }

    public let members: [Member]
    /// The model, for messages.
    private let model: String
    private let changes: [String: [(change: Adapter.Change, scale: Float)]]
    private let asked = Mutex<Set<String>>([])

    /// - Parameter model: the name of the model, for messages.
    public init(_ members: [Member], model: String) {
        self.members = members
        self.model = model
        var changes: [String: [(Adapter.Change, Float)]] = [:]
        for member in members {
            for change in member.adapter.changes { changes[change.name, default: []].append((change, member.scale)) }
        }
        self.changes = changes
    }

    /// - Throws: ``AdapterError/otherModel(reason:file:model:)`` for matrices of other sizes than the map's.
    public func adapter(for name: String, inputs: Int, outputs: Int) throws -> LowRankAdapter? {
        asked.withLock { _ = $0.insert(name) }
        guard let parts = changes[name] else { return nil }
        for (change, _) in parts where change.inputs != inputs || change.outputs != outputs {
            throw AdapterError.otherModel(
                reason:
                    "'\(change.spelling)' maps \(change.inputs) to \(change.outputs) numbers there, \(inputs) to "
                    + "\(outputs) here", file: change.file, model: model)
        }
        return try Self.sum(parts)
    }

    /// The change of a weight, whatever its sizes; nil for none.
    func change(of name: String) throws -> LowRankAdapter? { try changes[name].flatMap(Self.sum) }

    /// Several changes of one map as one: A's below each other, B's side by side. A scale of 0 leaves one out.
    private static func sum(_ all: [(change: Adapter.Change, scale: Float)]) throws -> LowRankAdapter? {
        let parts = try all.filter { $0.scale != 0 && $0.change.scale != 0 }.map { part in
            let (down, up) = try part.change.matrices()
            return LowRankAdapter(down: down, up: up, scale: part.change.scale * part.scale)
        }
        guard let first = parts.first, parts.count > 1 else { return parts.first }
        let ranks = parts.map(\.down.rows)
        let rank = ranks.reduce(0, +)
        let outputs = first.up.rows
        var up = [Float](repeating: 0, count: outputs * rank)
        var column = 0
        for part in parts {
            part.up.withFloats { values in
                for row in 0..<outputs {
                    for index in 0..<part.down.rows {
                        up[row * rank + column + index] = values[row * part.down.rows + index] * part.scale
                    }
                }
            }
            column += part.down.rows
        }
        return LowRankAdapter(
            down: try Tensor(parts.flatMap { $0.down.toArray() }, shape: [rank, first.down.columns]),
            up: try Tensor(up, shape: [outputs, rank]), scale: 1)
    }

    /// Makes sure that the model, once it is made, has asked for every change that there is.
    ///
    /// - Throws: ``AdapterError/otherModel(reason:file:model:)``, ``AdapterError/unsupported(_:file:)``.
    func requireAllAsked() throws(AdapterError) {
        let asked = asked.withLock { $0 }
        for change in members.flatMap(\.adapter.changes) where !asked.contains(change.name) {
            if change.name.contains(".ffn_"), asked.contains(where: { $0.hasSuffix("ffn_gate_inp.weight") }) {
                throw .unsupported("it adapts the experts of the model ('\(change.spelling)')", file: change.file)
            }
            if change.name.hasPrefix("token_embd.") || change.name.hasPrefix("output.") {
                throw .unsupported(
                    "it adapts '\(change.spelling)', which is the model's table of embeddings", file: change.file)
            }
            throw .otherModel(
                reason: "there is no linear map '\(change.spelling)' here", file: change.file, model: model)
        }
    }
}

extension AdapterSet {
    /// Tells these adapters from others: a 64-bit hash (FNV-1a) of names, scales and numbers.
    public var fingerprint: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        for member in members {
            for change in member.adapter.changes {
                add("\(change.name) \(change.scale * member.scale)".utf8)
                change.down.withBytes { add($0) }
                change.up.withBytes { add($0) }
            }
        }
        return hash
    }
}
