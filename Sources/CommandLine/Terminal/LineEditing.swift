/// What editing does with keys, apart from any terminal: a state and a step.
struct LineEditing: Sendable {
    enum Outcome: Equatable, Sendable {
        /// Go on; show the new state.
        case editing
        /// The text is finished.
        case submitted(String)
        /// Ctrl-C.
        case interrupted
        /// Ctrl-D on an empty line.
        case ended
        case clearScreen
        case suspend
        /// Nothing could be done with the key.
        case refused
    }

    /// A search through the history, backwards (Ctrl-R).
    struct Search: Equatable, Sendable {
        var query = ""
        /// Which entry matches; nil when none does.
        var match: Int?
    }

    private(set) var buffer = EditBuffer()
    private(set) var search: Search?
    private var entries: [String]
    /// The entry on show; `entries.count` is the new line.
    private var position: Int
    /// What was being written when the user went to older entries.
    private var draft = ""
    private var cut = ""
    private var lastWasCut = false
    private let completions: @Sendable (String) -> [String]

    /// - Parameters:
    ///   - history: older entries, the newest last.
    ///   - completions: what the text before the cursor could become.
    init(history: [String], completions: @escaping @Sendable (String) -> [String] = { _ in [] }) {
        entries = history
        position = history.count
        self.completions = completions
    }

    /// The text on show: the match while searching, what is written otherwise.
    var shown: EditBuffer {
        guard let match = search?.match else { return buffer }
        return EditBuffer(entries[match])
    }

    mutating func handle(_ key: Key) -> Outcome {
        if search != nil, let outcome = handleSearch(key) { return outcome }
        let wasCut = lastWasCut
        lastWasCut = false
        switch key {
        case .scalar(let scalar): buffer.insert(scalar)
        case .paste(let text): buffer.insert(text)
        case .newline: buffer.insert("\n")
        case .enter: return enter()
        case .tab: return complete()
        case .backspace: return outcome(buffer.deleteBefore())
        case .delete: return outcome(buffer.deleteAfter())
        case .left: return outcome(buffer.moveLeft())
        case .right: return outcome(buffer.moveRight())
        case .home: buffer.moveToLineStart()
        case .end: buffer.moveToLineEnd()
        case .wordLeft: buffer.moveWordLeft()
        case .wordRight: buffer.moveWordRight()
        case .up: return outcome(buffer.moveLine(by: -1) || showEntry(position - 1))
        case .down: return outcome(buffer.moveLine(by: 1) || showEntry(position + 1))
        case .previousEntry: return outcome(showEntry(position - 1))
        case .nextEntry: return outcome(showEntry(position + 1))
        case .killToEnd: keep(buffer.killToLineEnd(), after: wasCut, atEnd: true)
        case .killToStart: keep(buffer.killToLineStart(), after: wasCut, atEnd: false)
        case .killWordBefore: keep(buffer.killWordBefore(), after: wasCut, atEnd: false)
        case .killWordAfter: keep(buffer.killWordAfter(), after: wasCut, atEnd: true)
        case .yank: buffer.insert(cut)
        case .transpose: return outcome(buffer.transpose())
        case .searchHistory: search = Search()
        case .clearScreen: return .clearScreen
        case .interrupt: return .interrupted
        case .endOfInput: return buffer.isEmpty ? .ended : outcome(buffer.deleteAfter())
        case .suspend: return .suspend
        case .escape, .unknown: return .refused
        }
        return .editing
    }

    private func outcome(_ done: Bool) -> Outcome { done ? .editing : .refused }

    private mutating func keep(_ text: String, after wasCut: Bool, atEnd: Bool) {
        if !wasCut { cut = "" }
        cut = atEnd ? cut + text : text + cut
        lastWasCut = true
    }

    private mutating func enter() -> Outcome {
        let text = buffer.text
        switch MultilineInput.state(of: text) {
        case .complete(let finished): return .submitted(finished)
        case .continues:
            while buffer.moveRight() {}
            buffer.insert("\n")
            return .editing
        }
    }

    private mutating func complete() -> Outcome {
        guard buffer.after.isEmpty else { return .refused }
        let candidates = completions(buffer.before)
        guard let first = candidates.first else { return .refused }
        let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        guard common.count > buffer.before.count else { return .refused }
        buffer = EditBuffer(common)
        return .editing
    }

    private mutating func showEntry(_ index: Int) -> Bool {
        guard index >= 0, index <= entries.count else { return false }
        if position == entries.count { draft = buffer.text }
        position = index
        buffer = EditBuffer(index == entries.count ? draft : entries[index])
        return true
    }

    /// A key while searching; nil when the key ends the search and has to be handled as usual.
    private mutating func handleSearch(_ key: Key) -> Outcome? {
        guard var current = search else { return nil }
        switch key {
        case .scalar(let scalar):
            current.query.unicodeScalars.append(scalar)
            current.match = find(current.query, before: (current.match ?? entries.count - 1) + 1) ?? nil
        case .paste(let text):
            current.query += text
            current.match = find(current.query, before: entries.count)
        case .backspace:
            guard current.query.popLast() != nil else { return .refused }
            current.match = find(current.query, before: entries.count)
        case .searchHistory:
            guard let older = find(current.query, before: current.match ?? entries.count) else { return .refused }
            current.match = older
        case .interrupt, .escape:
            search = nil
            return .editing
        default:
            if let match = current.match {
                if position == entries.count { draft = buffer.text }
                position = match
                buffer = EditBuffer(entries[match])
            }
            search = nil
            return nil
        }
        search = current
        return current.match == nil && !current.query.isEmpty ? .refused : .editing
    }

    private func find(_ query: String, before limit: Int) -> Int? {
        guard !query.isEmpty else { return nil }
        return entries[..<min(limit, entries.count)].lastIndex { $0.contains(query) }
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
