/// The curve of a run in the characters of a terminal: the training loss as a line of braille dots, the held-out loss as
/// letters "o", between axes with their values.
public struct LossCurve: Sendable {
    /// What a piece of a row belongs to, so that it can be coloured.
    public enum Role: Sendable, Equatable {
        case frame
        case training
        case heldOut
        case caption
    }

    public struct Span: Sendable, Equatable {
        public var text: String
        public var role: Role
    }

    /// Rows from the top: a caption, the plot, its lower side and the steps.
    public private(set) var rows: [[Span]] = []

    /// The rows as text.
    public var lines: [String] { rows.map { Self.trimmed($0.map(\.text).joined()) } }

    /// - Parameters:
    ///   - columns: that a row takes at most.
    ///   - height: rows in all. In less than 24 columns and 6 rows nothing is drawn, and neither with less than two points.
    ///   - lastStep: where the curve ends at the right; the last step that is known where nil.
    public init(
        _ history: RunHistory, columns: Int, height: Int, language: DataReportText.Language,
        scale: ChartAxis.Scale = .automatic, lastStep: Int? = nil
    ) {
        let training = history.loss.points
        let heldOut = history.heldOut
        guard columns >= 24, height >= 6, training.count + heldOut.count >= 2, training.count != 1 || !heldOut.isEmpty
        else { return }
        let first = min(training.first?.step ?? .max, heldOut.first?.step ?? .max)
        let last = max(training.last?.step ?? 0, heldOut.last?.step ?? 0, lastStep ?? 0)
        guard last > first else { return }

        let plotRows = height - 3
        // The lowest and highest of the smoothed line decide, not single steps.
        let labelRoom = 7
        let columnsOfPlot = columns - labelRoom - 1
        let line = Self.columnMeans(training, dots: columnsOfPlot * 2, first: first, last: last)
        let axis = ChartAxis(line.map(\.value) + heldOut.map(\.loss), scale: scale)

        var canvas = BrailleCanvas(columns: columnsOfPlot, rows: plotRows)
        let height = Double(plotRows * 4 - 1)
        let dots = line.map { (x: $0.column, y: Int(((1 - axis.place(of: $0.value)) * height).rounded())) }
        for (start, end) in zip(dots, dots.dropFirst()) { canvas.line(from: start, to: end) }
        if dots.count == 1 { canvas.set(dots[0].x, dots[0].y) }

        var marks: [Int: [Int: Bool]] = [:]
        for point in heldOut {
            let share = Double(point.step - first) / Double(last - first)
            let column = Int((share * Double(columnsOfPlot - 1)).rounded())
            let row = Int(((1 - axis.place(of: point.loss)) * Double(plotRows - 1)).rounded())
            marks[row, default: [:]][column] = true
        }

        var labels: [Int: String] = [:]
        for mark in axis.marks(atMost: max(2, plotRows / 2)) {
            labels[Int(((1 - axis.place(of: mark.value)) * Double(plotRows - 1)).rounded())] = mark.label
        }
        rows.append(Self.caption(axis, language, hasHeldOut: !heldOut.isEmpty, columns: columns, labelRoom: labelRoom))
        for row in 0..<plotRows {
            let label = String((labels[row] ?? "").prefix(labelRoom - 1))
            var spans = [
                Span(text: Self.right(label, labelRoom - 1) + (label.isEmpty ? " │" : " ┤"), role: .frame)
            ]
            let cells = canvas.cells(ofRow: row)
            var piece = ""
            for column in 0..<columnsOfPlot {
                if marks[row]?[column] == true {
                    if !piece.isEmpty { spans.append(Span(text: piece, role: .training)) }
                    piece = ""
                    spans.append(Span(text: "o", role: .heldOut))
                } else {
                    piece.append(cells[column])
                }
            }
            if !piece.isEmpty { spans.append(Span(text: piece, role: .training)) }
            rows.append(spans)
        }
        rows += Self.feet(first: first, last: last, labelRoom: labelRoom, columns: columnsOfPlot)
    }

    // Parts -----------------------------------------------------------------------------------------------------------

    private static func caption(
        _ axis: ChartAxis, _ language: DataReportText.Language, hasHeldOut: Bool, columns: Int, labelRoom: Int
    ) -> [Span] {
        let words = ReportWords(language)
        let title = words.loss + (axis.isLogarithmic ? words.logarithmicNote : "")
        var spans = [Span(text: String(repeating: " ", count: labelRoom) + title + "  ", role: .caption)]
        spans += [Span(text: "⠒⠒", role: .training), Span(text: " " + words.training, role: .caption)]
        if hasHeldOut { spans += [Span(text: "  o", role: .heldOut), Span(text: " " + words.heldOut, role: .caption)] }
        // Chinese characters take two columns.
        let width = spans.reduce(0) { $0 + $1.text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x3000 ? 2 : 1) } }
        return width <= columns
            ? spans : [Span(text: String(repeating: " ", count: labelRoom) + words.loss, role: .caption)]
    }

    /// The lower side with marks, and the steps below them.
    private static func feet(first: Int, last: Int, labelRoom: Int, columns: Int) -> [[Span]] {
        var side = [Character](repeating: "─", count: columns)
        var below = [Character](repeating: " ", count: columns + labelRoom + 1)
        let steps = ChartAxis([Double(first), Double(last)], scale: .linear)
        var free = 0
        for mark in steps.marks(atMost: max(2, columns / 14)) {
            let column = Int((steps.place(of: mark.value) * Double(columns - 1)).rounded())
            let label = Array(mark.label)
            let start = min(max(labelRoom + 1 + column - label.count / 2, 0), below.count - label.count)
            guard start >= free, mark.value >= 0 else { continue }
            side[column] = "┬"
            below.replaceSubrange(start..<start + label.count, with: label)
            free = start + label.count + 1
        }
        let corner = String(repeating: " ", count: labelRoom) + "└"
        return [
            [Span(text: corner + String(side), role: .frame)], [Span(text: trimmed(String(below)), role: .frame)],
        ]
    }

    /// The mean loss in each column of dots that has a step, smoothed over a few of them.
    private static func columnMeans(
        _ points: [LossSeries.Point], dots: Int, first: Int, last: Int
    ) -> [(column: Int, value: Double)] {
        var means: [(column: Int, value: Double, count: Int)] = []
        for point in points {
            let column = Int((Double(point.step - first) / Double(last - first) * Double(dots - 1)).rounded())
            if let index = means.indices.last, means[index].column == column {
                means[index].value += point.value
                means[index].count += 1
            } else {
                means.append((column, point.value, 1))
            }
        }
        let columns = means.map { (column: $0.column, value: $0.value / Double($0.count)) }
        let values = smoothed(columns.map(\.value), window: columns.count / 40)
        return zip(columns, values).map { (column: $0.column, value: $1) }
    }

    /// Means over as many neighbours at each side as `window` says, fewer at the ends, where the curve must not be bent.
    static func smoothed(_ values: [Double], window: Int) -> [Double] {
        guard window > 0 else { return values }
        var sums = [0.0]
        for value in values { sums.append((sums.last ?? 0) + value) }
        return values.indices.map { index in
            let reach = min(window, index, values.count - 1 - index)
            return (sums[index + reach + 1] - sums[index - reach]) / Double(2 * reach + 1)
        }
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while let last = text.last, last == " " || last == "\u{2800}" { text.removeLast() }
        return text
    }
}
