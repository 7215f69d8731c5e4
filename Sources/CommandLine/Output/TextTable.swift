/// Rows of text in aligned columns under a heading.
struct TextTable {
    struct Column {
        enum Side { case left, right }
        var heading: String
        var side: Side
        /// The greatest width; longer cells are cut.
        var limit: Int

        init(_ heading: String, _ side: Side, limit: Int = .max) {
            self.heading = heading
            self.side = side
            self.limit = limit
        }
    }

    var columns: [Column]
    var rows: [[String]]

    func lines(style: Style) -> [String] {
        let widths = columns.indices.map { index in
            let widest = rows.reduce(CharacterWidth.columns(columns[index].heading)) {
                max($0, index < $1.count ? CharacterWidth.columns($1[index]) : 0)
            }
            return min(widest, columns[index].limit)
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { index in
                let cell = cells[index].fitted(toColumns: widths[index])
                if columns[index].side == .right { return cell.rightAligned(inColumns: widths[index]) }
                return index == cells.count - 1 ? cell : cell.padded(toColumns: widths[index])
            }
            return padded.joined(separator: "  ")
        }
        return [style.bold(line(columns.map(\.heading)))] + rows.map { line(Array($0.prefix(columns.count))) }
    }
}
