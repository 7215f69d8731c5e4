import ApusEvaluation

/// Shows answers as they come, and what they add up to.
struct EvaluationView: Sendable {
    let console: Console

    /// Prompts are cut here where no terminal says how wide it is.
    private static let columns = 120

    func show(_ result: TaskResult) {
        // The bar comes back below what is printed.
        console.messages.showStatus("")
        let style = console.style
        let mark = result.passed ? style.green("✓") : style.red("✗")
        let id = Self.oneLine(result.task.id)
        let columns = console.terminal.isTerminal ? console.terminal.size.columns - 1 : Self.columns
        let room = max(20, columns - CharacterWidth.columns(id) - 4)
        console.print("\(mark) \(id)  " + style.bold(Self.oneLine(Self.prompt(result.task)).fitted(toColumns: room)))
        if result.text.isEmpty {
            console.print("  " + style.dim(console.words.emptyAnswer))
        } else {
            for line in Self.lines(result.text) { console.print("  " + line) }
        }
        if result.answer?.finishReason == .length { console.print("  " + style.dim(console.words.cutAnswer)) }
        for outcome in result.outcomes where !outcome.passed {
            console.print("  " + style.red("✗ " + Self.oneLine(console.words.failure(outcome))))
        }
        console.flush()
    }

    func show(_ summary: EvaluationSummary) {
        let words = console.words
        let rows = [(words.allTasks, summary.total)] + summary.tags.map { (Self.oneLine($0.name), $0.score) }
        let table = TextTable(
            columns: [
                .init(words.headingTasks, .left, limit: 40), .init(words.headingPassed, .right),
                .init(words.headingShare, .right), .init(words.headingInterval, .right),
            ],
            rows: rows.map { name, score in
                [
                    name, "\(score.passed)/\(score.total)", score.share.map(Self.percent) ?? "–",
                    score.interval.map { Self.percent($0.lower) + " – " + Self.percent($0.upper) } ?? "–",
                ]
            })
        for line in table.lines(style: console.style) { console.print(line) }
        console.print(words.evaluationTime(summary))
        if summary.cutAnswers > 0 { console.note(words.cutAnswers(summary.cutAnswers)) }
    }

    /// What is answered: the text, or what was said last.
    private static func prompt(_ task: EvaluationTask) -> String {
        switch task.prompt {
        case .text(let text): text
        case .conversation(let messages):
            (messages.count > 1 ? "… " : "")
                + (messages.last?.content.stringValue ?? messages.last?.content.serialized() ?? "")
        }
    }

    private static func percent(_ share: Double) -> String { Quantity.decimal(share * 100, places: 1) + "%" }

    /// A text in one row: white space of any kind is one space.
    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).map(visible).joined(separator: " ")
    }

    private static func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(visible)
    }

    /// Control characters as `^X`: what a model writes shall not move the cursor.
    private static func visible(_ text: Substring) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\t" }) else {
            return String(text)
        }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.generalCategory != .control || scalar == "\t" {
                result.append(scalar)
            } else if scalar.value < 0x80 {
                result.append("^")
                result.append(Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) ^ 0x40))
            } else {
                result.append("\u{FFFD}")
            }
        }
        return String(result)
    }
}
