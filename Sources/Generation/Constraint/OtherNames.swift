/// Names by their beginnings, for saying what is none of them.
final class NameNode {
    private var children: [(scalar: UInt32, node: NameNode)] = []
    private var isName = false

    func add(_ name: ArraySlice<UInt32>) {
        guard let first = name.first else {
            isName = true
            return
        }
        if let known = children.first(where: { $0.scalar == first }) {
            known.node.add(name.dropFirst())
        } else {
            let node = NameNode()
            node.add(name.dropFirst())
            children.append((first, node))
        }
    }

    /// Adds states for what is no name from here on, where state 0 takes anything; gives the number of the first.
    func append(to states: inout [CharacterAutomaton.State], _ plain: ScalarSet) -> Int {
        let number = states.count
        states.append(.init(accepts: !isName))
        var next: [(set: ScalarSet, target: Int)] = []
        for child in children where plain.contains(child.scalar) {
            next.append((ScalarSet([child.scalar...child.scalar]), child.node.append(to: &states, plain)))
        }
        let known = ScalarSet(children.map { $0.scalar...$0.scalar } + plain.inverted.ranges)
        next.append((known.inverted, 0))
        states[number].next = next
        return number
    }
}
