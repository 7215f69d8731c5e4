/// An automaton over bytes whose states may call others and come back to where they were: what JSON needs, and regular
/// languages as well.
///
/// A state has transitions by bytes, at most one for each byte; epsilons, which are other states that it also is; calls,
/// which go on at a callee and, once that accepts, at the state named; and it may accept. A text fits where the start
/// state accepts at its end.
///
/// Two counters go with a state: how many more of something are needed (`low`) and allowed (`high`): characters of a
/// string, elements of an array. Each call has its own.
struct Grammar: Sendable {
    typealias StateID = Int32

    struct Transition: Sendable, Hashable {
        var low: UInt8
        var high: UInt8
        var action = Action.keep
        /// Index of the limits that `set` sets.
        var limits: Int32 = 0
        var target: StateID
    }

    /// What a transition does with the counters.
    enum Action: UInt8, Sendable, Hashable {
        case keep
        /// Only where more are allowed; counts one.
        case take
        /// Only where no more are needed.
        case close
        /// Begins to count.
        case set
    }

    struct Call: Sendable, Hashable {
        var callee: StateID
        var back: StateID
    }

    struct Limits: Sendable, Hashable {
        var low: Int32 = 0
        var high = Int32.max

        static let none = Limits()
    }

    let start: StateID
    /// Those of state s are at `firstTransition[s]..<firstTransition[s + 1]`, ascending; epsilons and calls alike.
    let transitions: [Transition]
    let firstTransition: [Int32]
    let epsilons: [StateID]
    let firstEpsilon: [Int32]
    let calls: [Call]
    let firstCall: [Int32]
    let accepts: [Bool]
    let limits: [Limits]
    /// The fewest levels of calls within which a state can come to accept; `Int32.max` where it never can.
    let levels: [Int32]
    /// States from which only transitions lead on, to states of the same kind, without setting counters.
    let isLeaf: [Bool]

    /// Levels of calls, which are levels of arrays and objects.
    static let mostLevels: Int32 = 64
    /// States of the longest grammar.
    static let mostStates = 100_000

    var count: Int { accepts.count }

    init(_ builder: GrammarBuilder, start: StateID) {
        self.start = start
        var transitions: [Transition] = []
        var epsilons: [StateID] = []
        var calls: [Call] = []
        var (firstTransition, firstEpsilon, firstCall) = ([Int32(0)], [Int32(0)], [Int32(0)])
        for state in builder.states {
            transitions += state.transitions.sorted { $0.low < $1.low }
            epsilons += state.epsilons
            calls += state.calls
            firstTransition.append(Int32(transitions.count))
            firstEpsilon.append(Int32(epsilons.count))
            firstCall.append(Int32(calls.count))
        }
        self.transitions = transitions
        self.firstTransition = firstTransition
        self.epsilons = epsilons
        self.firstEpsilon = firstEpsilon
        self.calls = calls
        self.firstCall = firstCall
        accepts = builder.states.map(\.accepts)
        limits = builder.limits
        levels = Self.levels(builder.states)
        isLeaf = Self.leaves(builder.states)
    }

    /// By rounds, each from the last state to the first: what is behind a state mostly has a higher number.
    private static func levels(_ states: [GrammarBuilder.State]) -> [Int32] {
        var levels = [Int32](repeating: .max, count: states.count)
        var changed = true
        var rounds = 0
        while changed, rounds < 200 {
            changed = false
            rounds += 1
            for index in states.indices.reversed() {
                let state = states[index]
                var best = state.accepts ? 0 : levels[index]
                for transition in state.transitions { best = min(best, levels[Int(transition.target)]) }
                for epsilon in state.epsilons { best = min(best, levels[Int(epsilon)]) }
                for call in state.calls {
                    let inner = levels[Int(call.callee)]
                    guard inner != .max else { continue }
                    best = min(best, max(levels[Int(call.back)], inner + 1))
                }
                if best < levels[index] {
                    levels[index] = best
                    changed = true
                }
            }
        }
        return levels
    }

    private static func leaves(_ states: [GrammarBuilder.State]) -> [Bool] {
        var isLeaf = states.map { state in
            state.epsilons.isEmpty && state.calls.isEmpty && state.transitions.allSatisfy { $0.action != .set }
        }
        var changed = true
        var rounds = 0
        while changed {
            // Where this takes long, it is left: states that are no leaves are only walked more slowly.
            guard rounds < 200 else { return [Bool](repeating: false, count: states.count) }
            changed = false
            rounds += 1
            for index in states.indices.reversed() where isLeaf[index] {
                if !states[index].transitions.allSatisfy({ isLeaf[Int($0.target)] }) {
                    isLeaf[index] = false
                    changed = true
                }
            }
        }
        return isLeaf
    }

    @inline(__always)
    func transition(_ state: StateID, _ byte: UInt8) -> Transition? {
        for index in Int(firstTransition[Int(state)])..<Int(firstTransition[Int(state) + 1]) {
            let transition = transitions[index]
            if byte <= transition.high { return byte >= transition.low ? transition : nil }
        }
        return nil
    }

    func hasTransitions(_ state: StateID) -> Bool { firstTransition[Int(state)] < firstTransition[Int(state) + 1] }
}

/// A grammar that is being written.
struct GrammarBuilder: Sendable {
    typealias StateID = Grammar.StateID

    struct State: Sendable {
        var transitions: [Grammar.Transition] = []
        var epsilons: [StateID] = []
        var calls: [Grammar.Call] = []
        var accepts = false
    }

    private(set) var states: [State] = []
    private(set) var limits = [Grammar.Limits.none]
    private var limitNumbers = [Grammar.Limits.none: Int32(0)]

    /// - Throws: `ConstraintError.tooLarge`.
    mutating func state(accepts: Bool = false) throws(ConstraintError) -> StateID {
        guard states.count < Grammar.mostStates else {
            throw .tooLarge("it becomes more than \(Grammar.mostStates) states")
        }
        states.append(State(accepts: accepts))
        return StateID(states.count - 1)
    }

    mutating func add(
        _ bytes: ClosedRange<UInt8>, from: StateID, to target: StateID, _ action: Grammar.Action = .keep,
        limits: Grammar.Limits = .none
    ) {
        var transition = Grammar.Transition(
            low: bytes.lowerBound, high: bytes.upperBound, action: action, target: target)
        if action == .set {
            transition.limits = limitNumbers[limits] ?? Int32(self.limits.count)
            if Int(transition.limits) == self.limits.count {
                limitNumbers[limits] = transition.limits
                self.limits.append(limits)
            }
        }
        states[Int(from)].transitions.append(transition)
    }

    mutating func add(
        _ byte: Character, from: StateID, to target: StateID, _ action: Grammar.Action = .keep,
        limits: Grammar.Limits = .none
    ) {
        guard let byte = byte.asciiValue else { return }
        add(byte...byte, from: from, to: target, action, limits: limits)
    }

    mutating func epsilon(_ from: StateID, _ to: StateID) { states[Int(from)].epsilons.append(to) }

    mutating func call(_ callee: StateID, from: StateID, back: StateID) {
        states[Int(from)].calls.append(Grammar.Call(callee: callee, back: back))
    }

    /// A chain of states for bytes one after another.
    mutating func literal(_ bytes: some Collection<UInt8>, from: StateID, to target: StateID) throws(ConstraintError) {
        var place = from
        for (index, byte) in bytes.enumerated() {
            let next = index == bytes.count - 1 ? target : try state()
            add(byte...byte, from: place, to: next)
            place = next
        }
    }

    /// A state that is any of some others.
    mutating func either(_ starts: [StateID]) throws(ConstraintError) -> StateID {
        if starts.count == 1, let only = starts.first { return only }
        let start = try state()
        for other in starts { epsilon(start, other) }
        return start
    }
}
