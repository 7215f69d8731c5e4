/// Data, model, settings, lineage and machine.
extension TrainingReport {
    // Data ------------------------------------------------------------------------------------------------------------

    var dataSection: String {
        let cards = summary.data.map { "<div>\n\(dataCard($0))</div>\n" }.joined()
        return section(words.data, summary.data.count == 2 ? "<div class=\"pair\">\n\(cards)</div>\n" : cards)
    }

    private func dataCard(_ part: RunSummary.DataPart) -> String {
        let report = part.report
        let text = DataReportText(report, words.language)
        var rows = [
            (words.kind, HTMLText.escaped(text.kind)),
            (report.kind == nil ? words.documents : words.rows, Figures.grouped(report.rows)),
            (words.files, Figures.grouped(report.files)), (words.tokens, Figures.grouped(report.tokens)),
            (words.learned, Figures.grouped(report.learnedTokens) + share(report.learnedTokens, of: report.tokens)),
        ]
        if report.duplicates > 0 {
            rows.append(
                (words.duplicates, Figures.grouped(report.duplicates) + share(report.duplicates, of: report.rows)))
        }
        var page = "<h3>\(HTMLText.escaped(words.use(part.use)))</h3>\n<div class=\"card\"><table><tbody>\n"
        for (name, value) in rows { page += "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>\n" }
        page += "</tbody></table>\n" + lengthBars(report.lengths) + warnings(report, text)
        return page + "</div>\n"
    }

    private func share(_ part: Int, of whole: Int) -> String {
        whole > 0 && part != whole ? " (\(Figures.short(100 * Double(part) / Double(whole), places: 1))%)" : ""
    }

    private func lengthBars(_ lengths: DataReport.Lengths) -> String {
        guard let most = lengths.histogram.map(\.count).max(), most > 0 else { return "" }
        var page =
            "<h3>\(HTMLText.escaped(words.lengths))</h3>\n<div>\(HTMLText.escaped(words.lengthFacts(lengths)))</div>\n"
        guard lengths.histogram.count > 1 else { return page }
        page += "<div class=\"bars\">\n"
        for bar in lengths.histogram {
            let width = Figures.short(100 * Double(bar.count) / Double(most), places: 1)
            let range = Figures.grouped(bar.range.lowerBound) + "–" + Figures.grouped(bar.range.upperBound)
            page += "<span>\(range)</span><i style=\"width:\(width)%\"></i><span>\(Figures.grouped(bar.count))</span>\n"
        }
        return page + "</div>\n"
    }

    private func warnings(_ report: DataReport, _ text: DataReportText) -> String {
        guard !report.counts.isEmpty else { return "<p class=\"calm\">\(HTMLText.escaped(words.noWarnings))</p>\n" }
        var page = "<ul class=\"warnings\">\n"
        for kind in DataWarning.Kind.allCases {
            guard let count = report.counts[kind] else { continue }
            page += "<li><b>\(Figures.grouped(count)) ×</b> \(HTMLText.escaped(text.meaning(of: kind)))"
            for warning in report.warnings.filter({ $0.kind == kind }).prefix(5) {
                let line = kind == .skippedFile ? "" : words.place(warning.place)
                page += "<code>\(HTMLText.foreign(warning.place.file))\(HTMLText.escaped(line))"
                page += warning.detail.isEmpty ? "</code>" : ": \(HTMLText.foreign(warning.detail))</code>"
            }
            page += "</li>\n"
        }
        return page + "</ul>\n"
    }

    // Model and settings ----------------------------------------------------------------------------------------------

    var modelSection: String {
        let model = summary.model
        let sizes: [(String, Int?)] = [
            (words.layers, model.layers), (words.width, model.width), (words.heads, model.heads),
            (words.keyValueHeads, model.keyValueHeads == model.heads ? nil : model.keyValueHeads),
            (words.feedForward, model.feedForward), (words.vocabulary, model.vocabulary),
            (words.context, model.context),
            (words.parameters, model.parameters), (words.trainedParameters, model.trainedParameters),
        ]
        let shape =
            [(name: words.family, value: HTMLText.foreign(model.family))]
            + sizes.compactMap { name, size in size.map { (name: name, value: Figures.grouped($0)) } }
        var rows = ""
        for setting in summary.settings {
            let reason = setting.reason.map { "<small>\(HTMLText.foreign($0))</small>" } ?? ""
            rows += "<tr><th scope=\"row\">\(HTMLText.escaped(words.setting(setting.name)))</th>"
            rows += "<td>\(HTMLText.foreign(words.settingValue(setting.value)))\(reason)</td></tr>\n"
        }
        let settings = rows.isEmpty ? "" : "<div class=\"card\"><table><tbody>\n\(rows)</tbody></table></div>\n"
        guard !settings.isEmpty else { return section(words.model, table(shape)) }
        return "<div class=\"pair\">\n" + section(words.model, table(shape)) + section(words.settings, settings)
            + "</div>\n"
    }

    // Lineage and machine ---------------------------------------------------------------------------------------------

    var lineageSection: String {
        let rows = summary.sources.map { source in
            (
                name: words.role(source.role),
                value: HTMLText.foreign(source.name) + (source.bytes.map { " (\(Figures.bytes($0)))" } ?? "")
                    + (source.hash.map { "<br/><code class=\"hash\">\(HTMLText.escaped($0))</code>" } ?? "")
            )
        }
        let results = summary.results.map { (name: $0.name, value: Figures.bytes($0.bytes)) }
        return section(words.lineage, table(rows)) + section(words.results, table(results))
    }

    var machineSection: String {
        let machine = summary.machine
        var rows: [(name: String, value: String)] = [
            (words.processor, HTMLText.foreign(machine.processor)), (words.threads, Figures.grouped(machine.threads)),
            (words.codePath, HTMLText.foreign(machine.codePath)),
            (words.precision, HTMLText.foreign(machine.precision)),
        ]
        if let memory = machine.memory { rows.append((words.memory, Figures.bytes(memory))) }
        if let peak = summary.peakMemory {
            let used = Figures.bytes(peak)
            let value = summary.forecast.map { words.ofForecast(used, Figures.bytes($0.memory)) } ?? used
            rows.append((words.peakMemory, HTMLText.escaped(value)))
        }
        return section(words.machine, table(rows))
    }
}
