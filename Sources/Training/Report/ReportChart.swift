/// A chart in a page: curves as SVG that takes the width there is, with axes whose letters keep their size.
///
/// The drawing has a square of 1,000 by 1,000 units that is stretched to its place; lines keep their width
/// (`vector-effect`), and dots are lines without length and with round ends.
struct ReportChart {
    struct Line {
        var points: [LossSeries.Point]
        /// The class that gives it its colour: "training", "held", "rate".
        var name: String
        /// Shown in the legend; nil for one that needs none.
        var label: String?
        /// Each point as a dot that tells its figure when it is pointed at.
        var hasDots = false
        /// A pale line behind another one.
        var isFaint = false
    }

    var title: String
    var note: String
    var lines: [Line]
    var scale = ChartAxis.Scale.automatic
    var isTall = false
    var words: ReportWords

    var html: String {
        let shown = lines.filter { !$0.points.isEmpty }
        let steps = shown.flatMap { [$0.points.first?.step ?? 0, $0.points.last?.step ?? 0] }
        guard let first = steps.min(), let last = steps.max(), last > first else { return "" }
        let across = ChartAxis([Double(first), Double(last)], scale: .linear)
        // Faint lines may leave the picture: single steps are far from the mean at times.
        let up = ChartAxis(shown.filter { !$0.isFaint }.flatMap { $0.points.map(\.value) }, scale: scale)
        let note = up.isLogarithmic ? self.note + words.logarithmicNote : self.note

        var page = "<figure class=\"chart\(isTall ? " tall" : "")\">\n<figcaption><b>\(HTMLText.escaped(title))</b> "
        page += "<span>\(HTMLText.escaped(note))</span>"
        let legend = shown.filter { $0.label != nil }
        if legend.count > 1 {
            page += "<span class=\"legend\">"
            for line in legend {
                page += "<i class=\"\(line.name)\"></i>\(HTMLText.escaped(line.label ?? "")) "
            }
            page += "</span>"
        }
        page += "</figcaption>\n<div class=\"plot\">\n"
        let rows = up.marks(atMost: isTall ? 6 : 4)
        for mark in rows {
            page += "<span class=\"y\" style=\"top:\(percent(1 - up.place(of: mark.value)))\">\(mark.label)</span>"
        }
        page += "\n<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" role=\"img\" "
        page += "aria-label=\"\(HTMLText.escaped(title))\">\n"
        for mark in rows {
            let y = unit(1 - up.place(of: mark.value))
            page += "<path class=\"grid\" d=\"M0 \(y)H1000\"/>"
        }
        page += "<path class=\"grid base\" d=\"M0 1000H1000\"/>\n"
        for line in shown {
            let places = Self.thinned(line.points).map { point in
                (unit(across.place(of: Double(point.step))), unit(1 - up.place(of: point.value)))
            }
            let path = places.enumerated().map { ($0 == 0 ? "M" : "L") + "\($1.0) \($1.1)" }.joined()
            page += "<path class=\"\(line.name)\(line.isFaint ? " faint" : "")\" d=\"\(path)\"/>\n"
            guard line.hasDots, line.points.count <= 200 else { continue }
            for (place, point) in zip(places, Self.thinned(line.points)) {
                let tip = "\(words.atStep(point.step)): \(Figures.decimal(point.value, places: 4))"
                page += "<path class=\"\(line.name) dot\" d=\"M\(place.0) \(place.1)h0\"><title>\(tip)</title></path>"
            }
            page += "\n"
        }
        page += "</svg>\n"
        let columns = across.marks(atMost: 6).filter { $0.value >= Double(first) }
        for (index, mark) in columns.enumerated() {
            let place = across.place(of: mark.value)
            let side = place > 0.96 ? " end" : place < 0.04 ? " start" : ""
            // A phone has no room for all of them.
            let spare = columns.count > 3 && (columns.count - 1 - index) % 2 == 1 ? " spare" : ""
            page += "<span class=\"x\(side)\(spare)\" style=\"left:\(percent(place))\">\(mark.label)</span>"
        }
        return page + "\n</div>\n</figure>\n"
    }

    private func percent(_ place: Double) -> String { Figures.short(place * 100, places: 2) + "%" }
    private func unit(_ place: Double) -> String { Figures.short(place * 1000, places: 1) }

    /// At most 500 points: means of neighbours.
    static func thinned(_ points: [LossSeries.Point], to most: Int = 500) -> [LossSeries.Point] {
        guard points.count > most else { return points }
        return (0..<most).map { index in
            let range = index * points.count / most..<(index + 1) * points.count / most
            let mean = points[range].reduce(0) { $0 + $1.value / Double(range.count) }
            return LossSeries.Point(step: points[range.upperBound - 1].step, value: mean)
        }
    }

    /// The points with their values smoothed.
    static func smoothed(_ points: [LossSeries.Point]) -> [LossSeries.Point] {
        let values = LossCurve.smoothed(points.map(\.value), window: points.count / 50)
        return zip(points, values).map { LossSeries.Point(step: $0.step, value: $1) }
    }
}
