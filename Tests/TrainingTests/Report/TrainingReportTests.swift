import ApusModelFiles
import Testing

@testable import ApusTraining

@Suite("The report of a training run")
struct TrainingReportTests {
    private static let languages = [DataReportText.Language.english, .chinese]

    @Test("A page is well-formed, loads nothing and runs nothing", arguments: languages)
    func wellFormed(language: DataReportText.Language) {
        let page = TrainingReport(full, language).html
        let markup = Markup(page)
        #expect(markup.fault == nil)
        for element in ["script", "img", "link", "iframe", "object"] { #expect(markup.elements[element] == nil) }
        #expect(markup.elements["svg"] == 3)
        #expect(!page.contains("http"))
        #expect(page.contains("prefers-color-scheme: dark"))
    }

    @Test("A text of any kind, wherever it stands, stays a text", arguments: Runs.hostile)
    func hostile(text: String) {
        let page = TrainingReport(hostileSummary(text), .english).html
        let markup = Markup(page)
        #expect(markup.fault == nil)
        #expect(markup.elements["script"] == nil)
        #expect(markup.elements["img"] == nil)
        // One more or less of an element would be markup that came out of the text.
        let plain = Markup(TrainingReport(hostileSummary("plain"), .english).html)
        for element in ["b", "style", "title", "article", "section"] {
            #expect(markup.elements[element] == plain.elements[element])
        }
    }

    @Test("Texts keep their own direction")
    func direction() {
        let page = TrainingReport(hostileSummary("שלום"), .english).html
        #expect(page.contains("<h1><bdi dir=\"auto\">שלום</bdi></h1>"))
        #expect(page.contains("<div class=\"text prompt\" dir=\"auto\">שלום</div>"))
    }

    @Test(
        "Characters that mean something are escaped, and others shown",
        arguments: [
            ("<a b=\"c\" d='e'>&amp;", "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;"), ("\u{0}\u{1B}\r", "␀␛␍"),
            ("\u{7F}\u{85}\u{FFFE}", "␡\u{FFFD}\u{FFFD}"), ("a\n\tb", "a\n\tb"), ("e\u{301}🐈", "e\u{301}🐈"),
        ])
    func escaping(text: String, expected: String) {
        #expect(Array(HTMLText.escaped(text).utf8) == Array(expected.utf8))
    }

    @Test("Figures of the run stand in its page")
    func figures() {
        let texts = Set(Markup(TrainingReport(full, .english).html).texts)
        for text in [
            "10.8M", "73.7K trained", "in 200 steps", "640", "the base had 3.500", "forecast 0:25", "Held-out data",
            "--lr", "for LoRA", "861 MB, forecast 900 MB", "Written by Apus 1.0", "the question", "the answer",
        ] { #expect(texts.contains { $0.contains(text) }, "\(text)") }
        #expect(TrainingReport(full, .english).html.contains("12 ×"))
    }

    @Test("Endings and roll-backs are said", arguments: languages)
    func endings(language: DataReportText.Language) {
        var history = Runs.history(steps: 100)
        history.add(RunEvent(.rolledBack(to: 90), step: 101, seconds: 11))
        history.add(RunEvent(.stoppedEarly(best: 50), step: 100, seconds: 12))
        var summary = Runs.summary(history)
        summary.ending = .stoppedEarly
        let notes = TrainingReport(summary, language).html.components(after: "<p class=\"note\">")
        #expect(notes.count == 2)
        #expect(notes.allSatisfy { $0.contains("50") || $0.contains("90") })
        summary.ending = .interrupted
        #expect(TrainingReport(summary, language).html.components(after: "<p class=\"note\">").count == 2)
    }

    @Test("A run that did nothing yet has a page too", arguments: languages)
    func empty(language: DataReportText.Language) {
        var summary = Runs.summary(RunHistory())
        summary.ending = .interrupted
        let markup = Markup(TrainingReport(summary, language).html)
        #expect(markup.fault == nil)
        #expect(markup.elements["svg"] == nil)
    }

    @Test("The page of a very long run is small")
    func long() {
        let page = TrainingReport(Runs.summary(Runs.history(steps: 60_000)), .english).html
        #expect(Markup(page).fault == nil)
        #expect(page.utf8.count < 150_000)
    }

    @Test("A summary is read back from its JSON as it was")
    func roundTrip() throws {
        for summary in [full, Runs.summary(), hostileSummary("\u{0}</script>\u{202E}"), Runs.summary(RunHistory())] {
            #expect(try RunSummary(JSON(parsing: summary.json.serialized())) == summary)
        }
    }

    @Test("A summary that lacks something says what", arguments: ["name", "model", "history", "machine", "method"])
    func malformed(key: String) throws {
        var object = try #require(full.json.objectValue)
        object[key] = nil
        #expect(throws: RunSummary.Malformed(key: key)) { try RunSummary(.object(object)) }
        object[key] = 7
        #expect(throws: RunSummary.Malformed(key: key)) { try RunSummary(.object(object)) }
    }

    @Test("A fault within a list says where")
    func malformedRow() throws {
        var object = try #require(full.json.objectValue)
        object["comparisons"] = [["prompt": "a", "tuned": "b"], ["prompt": "a"]]
        #expect(throws: RunSummary.Malformed(key: "comparisons[1].tuned")) { try RunSummary(.object(object)) }
    }

    // Summaries -------------------------------------------------------------------------------------------------------

    private var full: RunSummary {
        var history = Runs.history(steps: 200)
        for step in 1...9 {
            history.add(RunEvent(.sample(prompt: "\n", text: "sample \(step)"), step: 200, seconds: 20))
        }
        var summary = Runs.summary(history)
        summary.settings = [.init("--lr", "2e-4", reason: "for LoRA"), .init("--epochs", "3")]
        summary.data = [.init(.training, report(duplicates: 12)), .init(.heldOut, report(duplicates: 0))]
        summary.baseHeldOutLoss = 3.5
        summary.comparisons = (0..<12).map { index in
            RunSummary.Comparison(
                prompt: "the question \(index)", expected: index % 2 == 0 ? "the answer" : nil, base: "noise",
                tuned: index == 3 ? "" : "the answer")
        }
        summary.sources = [
            .init(.base, name: "base.gguf", hash: "sha256:00", bytes: 1_000_000), .init(.data, name: "rows.jsonl"),
        ]
        summary.results = [.init(name: "adapter_model.safetensors", bytes: 300_000)]
        summary.forecast = .init(seconds: 25, memory: 900_000_000)
        summary.peakMemory = 861_000_000
        return summary
    }

    private func report(duplicates: Int) -> DataReport {
        var report = DataReport()
        report.kind = .chat
        (report.files, report.rows, report.tokens, report.learnedTokens) = (1, 1500, 200_000, 90_000)
        report.lengths = .init((0..<1500).map { 20 + $0 % 300 })
        report.duplicates = duplicates
        for line in 0..<duplicates { report.add(DataWarning(.duplicate, DataPlace(file: "rows.jsonl", line: line))) }
        for line in 0..<25 * min(1, duplicates) {
            report.add(DataWarning(.cut, DataPlace(file: "rows.jsonl", line: line), "300"))
        }
        return report
    }

    /// With a text wherever somebody else's text can be.
    private func hostileSummary(_ text: String) -> RunSummary {
        var history = Runs.history(steps: 100)
        history.add(RunEvent(.sample(prompt: text, text: text), step: 100, seconds: 10))
        var summary = Runs.summary(history)
        summary.name = text
        summary.date = text
        summary.version = text
        summary.model.family = text
        summary.settings = [.init(text, text, reason: text)]
        var report = report(duplicates: 0)
        report.add(DataWarning(.cut, DataPlace(file: text, line: 1), text))
        summary.data = [.init(.training, report)]
        summary.comparisons = [.init(prompt: text, expected: text, base: text, tuned: text)]
        summary.sources = [.init(.base, name: text, hash: text)]
        summary.results = [.init(name: text, bytes: 1)]
        summary.machine = .init(processor: text, threads: 1, codePath: text, precision: text)
        return summary
    }
}

extension String {
    /// The parts that follow a marker.
    func components(after marker: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: marker) {
            rest = rest[range.upperBound...]
            parts.append(rest[..<(rest.firstRange(of: marker)?.lowerBound ?? rest.endIndex)].prefix(200))
        }
        return parts
    }
}
