/// Which of some special names a piece of template reads without setting them itself, in the order in which jinja2
/// walks its tree.
enum JinjaNameAnalysis {
    static func undeclared(_ names: Set<String>, in nodes: [JinjaNode]) -> Set<String> {
        var search = Search(names: names)
        for node in nodes where !search.isDone { search.visit(node) }
        return search.found
    }

    private struct Search {
        var names: Set<String>
        var found: Set<String> = []
        var isDone = false

        mutating func visit(_ node: JinjaNode) {
            if isDone || node is JinjaBlock { return }
            if let name = node as? JinjaName {
                if name.use == .load, names.contains(name.name) {
                    found.insert(name.name)
                    isDone = found == names
                } else {
                    names.remove(name.name)
                }
                return
            }
            for child in node.children { visit(child) }
        }
    }
}
