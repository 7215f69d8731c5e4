import ApusModelFiles

/// A run as one page that needs nothing else: no network, no script, light or dark as the reader's system asks.
///
/// The page is HTML that is well-formed XML too. Every text from data or models is escaped and keeps its own direction.
public struct TrainingReport: Sendable {
    public let summary: RunSummary
    let words: ReportWords

    public init(_ summary: RunSummary, _ language: DataReportText.Language) {
        self.summary = summary
        words = ReportWords(language)
    }

    /// Writes the page; it appears under its name when it is whole.
    ///
    /// - Throws: ``FileError``.
    public func write(to path: String) throws(FileError) {
        let output = try OutputFile(path: path)
        try output.write(Array(html.utf8))
        try output.finish()
    }

    public var html: String {
        let name = HTMLText.escaped(summary.name)
        let parts = [
            heading, curves, comparisonSection, sampleSection, dataSection, modelSection, lineageSection,
            machineSection,
        ]
        return """
            <!DOCTYPE html>
            <html lang="\(words.code)">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>\(name)</title>
            <style>
            \(ReportStyle.sheet)</style>
            </head>
            <body>
            \(parts.joined())<footer>\(HTMLText.escaped(words.madeBy(summary.version)))</footer>
            </body>
            </html>

            """
    }

    // Heading ---------------------------------------------------------------------------------------------------------

    private var heading: String {
        let facts = [summary.model.family, words.method(summary.method), summary.date].filter { !$0.isEmpty }
        var page = "<header>\n<h1>\(HTMLText.foreign(summary.name))</h1>\n"
        page += "<p>" + facts.map { HTMLText.foreign($0) }.joined(separator: " · ") + "</p>\n"
        var notes = [words.ending(summary)].compactMap { $0 }
        notes += summary.history.rollBacks.map { words.rolledBack($0.from, $0.to) }
        if summary.history.damagedRows > 0 { notes.append(words.damagedRows(summary.history.damagedRows)) }
        page += notes.map { "<p class=\"note\">\(HTMLText.escaped($0))</p>\n" }.joined()
        page += "<dl class=\"tiles\">\n"
        for tile in tiles {
            page += "<div><dt>\(HTMLText.escaped(tile.name))</dt><dd>\(HTMLText.escaped(tile.value))</dd>"
            page += "<dd class=\"more\">\(HTMLText.escaped(tile.more))</dd></div>\n"
        }
        return page + "</dl>\n</header>\n"
    }

    private var tiles: [(name: String, value: String, more: String)] {
        let history = summary.history
        var tiles: [(name: String, value: String, more: String)] = []
        if let best = history.best {
            let base = summary.baseHeldOutLoss.map { words.baseHad(Figures.decimal($0, places: 3)) }
            tiles.append((words.heldOutLoss, Figures.decimal(best.loss, places: 3), base ?? words.bestAt(best.step)))
        }
        let last = history.loss.points.suffix(max(1, history.loss.points.count / 50))
        if !last.isEmpty {
            let mean = last.reduce(0) { $0 + $1.value / Double(last.count) }
            tiles.append((words.trainingLoss, Figures.decimal(mean, places: 3), words.lastMeans))
        }
        let model = summary.model
        let trained =
            model.trainedParameters == model.parameters
            ? words.allTrained : words.trained(Figures.count(model.trainedParameters))
        tiles.append((words.parameters, Figures.count(model.parameters), trained))
        tiles.append((words.tokensRead, Figures.count(history.tokens), words.inSteps(history.step)))
        let forecast = summary.forecast.map { words.forecast(Figures.duration(seconds: $0.seconds)) }
        tiles.append((words.duration, Figures.duration(seconds: history.seconds), forecast ?? ""))
        if let speed = history.tokensPerSecond {
            tiles.append((words.speed, Figures.significant(speed), words.stepsAlone))
        }
        return tiles
    }

    // Curves ----------------------------------------------------------------------------------------------------------

    private var curves: String {
        let history = summary.history
        let points = history.loss.points
        let heldOut = history.heldOut.map { LossSeries.Point(step: $0.step, value: $0.loss) }
        let smooth = ReportChart.smoothed(points)
        var lines = [ReportChart.Line(points: smooth, name: "training", label: words.training)]
        if points.count > 50 { lines.insert(.init(points: points, name: "training", isFaint: true), at: 0) }
        lines.append(.init(points: heldOut, name: "held", label: words.heldOut, hasDots: true))
        let loss = ReportChart(
            title: words.lossTitle, note: words.lossNote(summary.method), lines: lines, isTall: true, words: words
        )
        .html
        guard !loss.isEmpty else { return "<p class=\"note\">\(words.noCurve)</p>\n" }
        let rate = ReportChart(
            title: words.rateTitle, note: words.byStep, lines: [.init(points: history.rate.points, name: "rate")],
            scale: .linear, words: words)
        let norms = history.gradientNorm.points
        let norm = ReportChart(
            title: words.normTitle, note: words.byStep,
            lines: [
                .init(points: norms, name: "rate", isFaint: true),
                .init(points: ReportChart.smoothed(norms), name: "rate"),
            ], words: words)
        return loss + measurementTable + "<div class=\"pair\">\n\(rate.html)\(norm.html)</div>\n"
    }

    /// The figures behind the dots, for who cannot see or point at them.
    private var measurementTable: String {
        let all = summary.history.heldOut
        guard all.count > 1 else { return "" }
        let most = 40
        let shown = all.count <= most ? all : (0..<most).map { all[$0 * (all.count - 1) / (most - 1)] }
        let title = all.count <= most ? words.measurements : words.someMeasurements(most, all.count)
        var page = "<details><summary>\(HTMLText.escaped(title))</summary>\n<table><thead><tr>"
        for heading in [words.stepHeading, words.heldOutLoss, words.perplexity] { page += "<th>\(heading)</th>" }
        page += "</tr></thead><tbody>\n"
        for point in shown {
            page += "<tr><td>\(Figures.grouped(point.step))</td><td>\(Figures.decimal(point.loss, places: 4))</td>"
            page += "<td>\(Figures.significant(Figures.perplexity(point.loss)))</td></tr>\n"
        }
        return page + "</tbody></table></details>\n"
    }

    func section(_ title: String, note: String = "", _ content: String) -> String {
        guard !content.isEmpty else { return "" }
        let small = note.isEmpty ? "" : "<small>\(HTMLText.escaped(note))</small>"
        return "<section>\n<h2>\(HTMLText.escaped(title))\(small)</h2>\n\(content)</section>\n"
    }

    /// Two columns: names and values. The values are markup already.
    func table(_ rows: [(name: String, value: String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let lines = rows.map { "<tr><th scope=\"row\">\(HTMLText.escaped($0.name))</th><td>\($0.value)</td></tr>\n" }
        return "<div class=\"card\"><table><tbody>\n\(lines.joined())</tbody></table></div>\n"
    }
}
