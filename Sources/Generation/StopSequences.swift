/// Finds stop strings in text that arrives piece by piece, and lets text through that can no longer be part of one.
///
/// Works on bytes, since a stop string may begin and end within tokens and a token within a character. What was let
/// through always ends with a whole character, and never shows any part of the stop string that was found. The match
/// that is complete first wins; of two that end together, the longer one. How the text is cut into pieces changes
/// nothing about the sum of what is let through.
///
/// ```swift
/// var stops = try StopSequences(["\n\nUser:", "</s>"])
/// let shown = stops.push(tokenBytes)
/// if shown.stop != nil { … }
/// ```
public struct StopSequences: Sendable {
    /// Text that may be shown, and the stop string that ended it.
    public struct Release: Sendable, Equatable {
        public var bytes: [UInt8] = []
        /// The index of the stop string that was found; nothing is let through after it.
        public var stop: Int?

        /// The bytes as text; bytes that are no UTF-8 become U+FFFD.
        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private let automaton: StopAutomaton
    private var node = 0
    private var held: [UInt8] = []
    /// The index of the stop string that was found.
    public private(set) var found: Int?

    /// - Throws: `SamplingError.emptyString` for an empty stop string.
    public init(_ stops: [String]) throws(SamplingError) {
        if let index = stops.firstIndex(where: \.isEmpty) { throw .emptyString(parameter: "stop", index: index) }
        automaton = StopAutomaton(stops.map { Array($0.utf8) })
    }

    /// Takes the bytes of a token and returns the text that can be shown now.
    public mutating func push(_ bytes: some Sequence<UInt8>) -> Release {
        guard found == nil else { return Release() }
        for byte in bytes {
            held.append(byte)
            node = automaton.next(node, byte)
            if let stop = automaton.match(at: node) {
                found = stop
                let shown = held.count - automaton.length(of: stop)
                defer { held = [] }
                return Release(bytes: Array(held[..<max(0, shown)]), stop: stop)
            }
        }
        let waiting = max(automaton.depth(of: node), Self.unfinishedCharacter(held))
        let shown = Array(held[..<(held.count - waiting)])
        held.removeFirst(shown.count)
        return Release(bytes: shown)
    }

    /// Lets through what was held back, at the end of the text.
    public mutating func finish() -> Release {
        defer { (held, node) = ([], 0) }
        return Release(bytes: held, stop: found)
    }

    /// How many bytes at the end begin a UTF-8 character that has not ended.
    static func unfinishedCharacter(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let byte = bytes[bytes.count - count]
            switch byte {
            case 0x80..<0xC0: continue
            case 0xC2..<0xE0: return count < 2 ? count : 0
            case 0xE0..<0xF0: return count < 3 ? count : 0
            case 0xF0..<0xF5: return count < 4 ? count : 0
            default: return 0
            }
        }
        return 0
    }
}

/// Looks for several strings at once, a step a byte (Aho and Corasick 1975).
private struct StopAutomaton: Sendable {
    private struct Node {
        var depth = 0
        /// The node of the longest proper ending of this node's text that begins some stop string.
        var fallback = 0
        /// The longest stop string that ends here.
        var stop: Int?
        var firstChild = -1
        var sibling = -1
        var byte: UInt8 = 0
    }

    private var nodes = [Node()]
    private let lengths: [Int]

    init(_ stops: [[UInt8]]) {
        lengths = stops.map(\.count)
        for (index, stop) in stops.enumerated() {
            var node = 0
            for byte in stop { node = child(of: node, byte) ?? addChild(to: node, byte) }
            if nodes[node].stop == nil { nodes[node].stop = index }
        }
        linkFallbacks()
    }

    func depth(of node: Int) -> Int { nodes[node].depth }
    func match(at node: Int) -> Int? { nodes[node].stop }
    func length(of stop: Int) -> Int { lengths[stop] }

    func next(_ node: Int, _ byte: UInt8) -> Int {
        var node = node
        while true {
            if let child = child(of: node, byte) { return child }
            if node == 0 { return 0 }
            node = nodes[node].fallback
        }
    }

    private func child(of node: Int, _ byte: UInt8) -> Int? {
        var child = nodes[node].firstChild
        while child >= 0, nodes[child].byte != byte { child = nodes[child].sibling }
        return child >= 0 ? child : nil
    }

    private mutating func addChild(to node: Int, _ byte: UInt8) -> Int {
        var child = Node()
        child.depth = nodes[node].depth + 1
        child.byte = byte
        child.sibling = nodes[node].firstChild
        nodes.append(child)
        nodes[node].firstChild = nodes.count - 1
        return nodes.count - 1
    }

    /// Breadth first, so that a node's fallback, which is less deep, is ready before it.
    private mutating func linkFallbacks() {
        var queue = [0]
        var position = 0
        while position < queue.count {
            let node = queue[position]
            position += 1
            var child = nodes[node].firstChild
            while child >= 0 {
                let fallback = node == 0 ? 0 : next(nodes[node].fallback, nodes[child].byte)
                nodes[child].fallback = fallback
                if nodes[child].stop == nil { nodes[child].stop = nodes[fallback].stop }
                queue.append(child)
                child = nodes[child].sibling
            }
        }
    }
}
