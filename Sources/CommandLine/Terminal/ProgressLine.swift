/// What a progress bar says at one moment.
struct ProgressLine: Sendable {
    enum Unit: Sendable {
        case bytes
        case tokens
        /// Something counted without a unit, such as tensors.
        case items
        /// A share of the whole: nothing but the percentage is shown.
        case share
        /// Nothing that is counted: the time that has passed is shown.
        case time
    }

    var label: String
    var completed: Int
    var total: Int?
    /// Units a second.
    var rate: Double
    /// Seconds since the task began.
    var elapsed = 0.0
    var unit: Unit
    var words: Messages

    /// "label: 43%, 1.20 of 2.80 GB, 35.0 MB/s, 0:47 left".
    var plainText: String { label + ": " + facts.joined(separator: ", ") }

    /// The same with a bar that fills `columns` less three, so that the line never wraps, also when the terminal adds `^C`.
    func bar(columns: Int, style: Style) -> String {
        let facts = facts.joined(separator: "  ")
        let room = columns - 3
        let label = label.fitted(toColumns: max(8, room / 3))
        let used = CharacterWidth.columns(label) + CharacterWidth.columns(facts) + 6
        let width = min(30, room - used)
        guard let fraction, width >= 6 else { return (label + "  " + facts).fitted(toColumns: room) }
        return label + "  " + style.cyan(Self.blocks(fraction, width: width)) + "  " + facts
    }

    private var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, max(0, Double(completed) / Double(total)))
    }

    private var facts: [String] {
        var facts: [String] = []
        if let fraction { facts.append("\(Int(fraction * 100))%") }
        switch unit {
        case .share: break
        case .time: facts.append(Quantity.duration(seconds: elapsed))
        case .bytes, .tokens, .items:
            facts.append(amount)
            if rate > 0 { facts.append(rateText) }
        }
        if let total, rate > 0, completed < total {
            facts.append(words.timeLeft(Quantity.duration(seconds: Double(total - completed) / rate)))
        }
        return facts
    }

    private var amount: String {
        switch unit {
        case .bytes:
            guard let total else { return Quantity.bytes(completed) }
            return Quantity.bytes(completed) + "/" + Quantity.bytes(total)
        case .tokens: return words.tokens(count)
        case .items, .share, .time: return count
        }
    }

    private var count: String {
        total.map { Quantity.grouped(completed) + "/" + Quantity.grouped($0) } ?? Quantity.grouped(completed)
    }

    private var rateText: String {
        switch unit {
        case .bytes: Quantity.bytes(Int(rate)) + "/s"
        case .tokens: words.tokensPerSecond(Quantity.rate(rate))
        case .items, .share, .time: Quantity.rate(rate) + "/s"
        }
    }

    /// A bar in eighths of a column.
    static func blocks(_ fraction: Double, width: Int) -> String {
        let eighths = Int((fraction * Double(width * 8)).rounded(.down))
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let bar = String(repeating: "█", count: eighths / 8) + partial
        return "▕" + bar.padded(toColumns: width) + "▏"
    }
}
