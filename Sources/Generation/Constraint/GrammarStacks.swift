/// All ways in which a text so far can be part of what a grammar describes: sets of stacks of states, which share what
/// they have in common. Sets are numbered as they come up, and where a byte leads from each is remembered, so that the
/// same way is found once.
struct GrammarStacks: Sendable {
    typealias StateID = Grammar.StateID
    typealias NodeID = Int32
    typealias SetID = Int32

    /// The top of a stack.
    struct Node: Hashable, Sendable {
        var state: StateID
        var low: Int32
        var high: Int32
        /// Where the caller goes on.
        var parent: NodeID
    }

    private struct StackSet: Sendable {
        var nodes: [NodeID]
        /// Where each byte leads: an offset into `steps`; -1 where nothing is known yet.
        var row: Int32 = -1
    }

    let grammar: Grammar
    /// The first has come to the end of the text.
    private(set) var nodes: [Node] = [Node(state: -1, low: 0, high: 0, parent: -1)]
    private var levels: [Int32] = [-1]
    private var numbers: [Node: NodeID] = [:]
    private var sets: [StackSet] = []
    private var setNumbers: [[NodeID]: SetID] = [:]
    /// -2 where it is not known yet, -1 where a byte leads nowhere.
    private var steps: [SetID] = []
    /// For each node, the number of the last closure that met it.
    private var met: [Int32] = [0]
    private var closures: Int32 = 0
    /// Whether a closure has become too large to be looked at.
    private(set) var isTooAmbiguous = false

    static let tooAmbiguous = ConstraintError.tooLarge("too many of its alternatives begin alike")

    static let end: NodeID = 0
    /// The empty set.
    static let nowhere: SetID = 0
    private static let mostNodesOfSet = 20_000
    private static let mostSets = 10_000
    private static let mostNodes = 500_000

    init(_ grammar: Grammar) {
        self.grammar = grammar
        _ = set(of: [])
    }

    /// Where a text begins.
    mutating func start() -> SetID {
        guard let start = node(grammar.start, .none, parent: Self.end) else { return Self.nowhere }
        return closure(of: [start])
    }

    func nodes(of set: SetID) -> [NodeID] { sets[Int(set)].nodes }

    /// Whether so much is remembered that it is better forgotten.
    var isLarge: Bool { sets.count > Self.mostSets || nodes.count > Self.mostNodes }

    /// Forgets all but one set, which gets another number.
    mutating func forget(allBut set: SetID) -> SetID {
        var fresh = GrammarStacks(grammar)
        let kept = nodes(of: set).map { top in
            var path: [Node] = []
            var place = top
            while place != Self.end {
                path.append(nodes[Int(place)])
                place = nodes[Int(place)].parent
            }
            var parent = Self.end
            for node in path.reversed() {
                parent = fresh.node(node.state, .init(low: node.low, high: node.high), parent: parent) ?? parent
            }
            return parent
        }
        let number = fresh.set(of: kept.sorted())
        self = fresh
        return number
    }

    // MARK: - Nodes

    /// Nil where the text could not be ended within the levels allowed.
    private mutating func node(_ state: StateID, _ limits: Grammar.Limits, parent: NodeID) -> NodeID? {
        let level = levels[Int(parent)] + 1
        let needed = grammar.levels[Int(state)]
        guard needed != .max, level + needed <= Grammar.mostLevels else { return nil }
        let node = Node(state: state, low: limits.low, high: limits.high, parent: parent)
        if let known = numbers[node] { return known }
        let number = NodeID(nodes.count)
        numbers[node] = number
        nodes.append(node)
        levels.append(level)
        met.append(0)
        return number
    }

    /// The set of all nodes that have transitions, or are the end, and that some nodes are as well.
    private mutating func closure(of seeds: [NodeID]) -> SetID {
        closures += 1
        var queue: [NodeID] = []
        func meet(_ node: NodeID?) {
            guard let node, met[Int(node)] != closures else { return }
            met[Int(node)] = closures
            queue.append(node)
        }
        for seed in seeds { meet(seed) }
        var result: [NodeID] = []
        while let number = queue.popLast() {
            guard number != Self.end else {
                result.append(number)
                continue
            }
            guard queue.count < Self.mostNodesOfSet, result.count < Self.mostNodesOfSet else {
                isTooAmbiguous = true
                return Self.nowhere
            }
            let node = nodes[Int(number)]
            let state = Int(node.state)
            if grammar.hasTransitions(node.state) { result.append(number) }
            if grammar.accepts[state] { meet(node.parent) }
            let limits = Grammar.Limits(low: node.low, high: node.high)
            for index in Int(grammar.firstEpsilon[state])..<Int(grammar.firstEpsilon[state + 1]) {
                meet(self.node(grammar.epsilons[index], limits, parent: node.parent))
            }
            for index in Int(grammar.firstCall[state])..<Int(grammar.firstCall[state + 1]) {
                let call = grammar.calls[index]
                guard let back = self.node(call.back, limits, parent: node.parent) else { continue }
                meet(self.node(call.callee, .none, parent: back))
            }
        }
        return set(of: result.sorted())
    }

    private mutating func set(of nodes: [NodeID]) -> SetID {
        if let known = setNumbers[nodes] { return known }
        let number = SetID(sets.count)
        sets.append(StackSet(nodes: nodes))
        setNumbers[nodes] = number
        return number
    }

    /// A part of a set.
    mutating func set(ofSome nodes: [NodeID]) -> SetID { set(of: nodes) }

    /// What follows where a callee has accepted.
    mutating func after(_ parent: NodeID) -> SetID { closure(of: [parent]) }

    // MARK: - Steps

    /// Where a byte leads.
    @inline(__always)
    mutating func step(_ set: SetID, _ byte: UInt8) -> SetID {
        let row = sets[Int(set)].row
        if row >= 0 {
            let known = steps[Int(row) + Int(byte)]
            if known != -2 { return known }
        }
        return findStep(set, byte)
    }

    private mutating func findStep(_ set: SetID, _ byte: UInt8) -> SetID {
        if sets[Int(set)].row < 0 {
            sets[Int(set)].row = Int32(steps.count)
            steps += repeatElement(-2, count: 256)
        }
        var seeds: [NodeID] = []
        for number in sets[Int(set)].nodes where number != Self.end {
            let node = nodes[Int(number)]
            guard let transition = grammar.transition(node.state, byte),
                let limits = limits(after: transition, node.low, node.high),
                let next = self.node(transition.target, limits, parent: node.parent)
            else { continue }
            seeds.append(next)
        }
        let result = seeds.isEmpty ? Self.nowhere : closure(of: seeds)
        steps[Int(sets[Int(set)].row) + Int(byte)] = result
        return result
    }

    /// The counters after a transition; nil where they don't let it pass.
    @inline(__always)
    func limits(after transition: Grammar.Transition, _ low: Int32, _ high: Int32) -> Grammar.Limits? {
        switch transition.action {
        case .keep: return Grammar.Limits(low: low, high: high)
        case .take:
            guard high > 0 else { return nil }
            return Grammar.Limits(low: max(0, low - 1), high: high == .max ? high : high - 1)
        case .close: return low == 0 ? Grammar.Limits(low: low, high: high) : nil
        case .set: return grammar.limits[Int(transition.limits)]
        }
    }

    /// The node that a set consists of, where that is a leaf that doesn't accept: its transitions can be followed
    /// without sets.
    @inline(__always)
    func onlyLeaf(_ set: SetID) -> Node? {
        let nodes = sets[Int(set)].nodes
        guard nodes.count == 1, nodes[0] != Self.end else { return nil }
        let node = self.nodes[Int(nodes[0])]
        return grammar.isLeaf[Int(node.state)] && !grammar.accepts[Int(node.state)] ? node : nil
    }

    /// The set of one leaf node that a walk without sets has come to.
    mutating func set(of node: Node) -> SetID {
        guard let number = self.node(node.state, .init(low: node.low, high: node.high), parent: node.parent) else {
            return Self.nowhere
        }
        return closure(of: [number])
    }
}
