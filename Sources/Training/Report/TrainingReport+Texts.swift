/// What the models wrote.
extension TrainingReport {
    var comparisonSection: String {
        let all = summary.comparisons
        let shown = 8
        var content = all.prefix(shown).map(card).joined()
        if all.count > shown {
            content += "<details><summary>\(HTMLText.escaped(words.more(all.count - shown)))</summary>\n"
            content += all.dropFirst(shown).map(card).joined() + "</details>\n"
        }
        let hasBase = all.contains { $0.base != nil }
        return section(
            hasBase ? words.comparison : words.answers,
            note: words.comparisonNote(learned: summary.history.heldOut.isEmpty),
            content)
    }

    private func card(_ comparison: RunSummary.Comparison) -> String {
        var page =
            "<article class=\"card\">\n" + HTMLText.foreign(comparison.prompt, element: "div", class: "text prompt")
        page += "\n<div class=\"answers\">\n"
        if let expected = comparison.expected { page += answer(words.expected, expected) }
        if let base = comparison.base { page += answer(words.base, base) }
        page += answer(comparison.base == nil ? words.trainedModel : words.tuned, comparison.tuned, isNew: true)
        return page + "</div>\n</article>\n"
    }

    private func answer(_ label: String, _ text: String, isNew: Bool = false) -> String {
        let content =
            text.isEmpty
            ? "<div class=\"text empty\">\(words.nothing)</div>" : HTMLText.foreign(text, element: "div", class: "text")
        return "<div\(isNew ? " class=\"new\"" : "")><span class=\"label\">\(label)</span>\(content)</div>\n"
    }

    /// The first sample and the last three; those between are there to unfold.
    var sampleSection: String {
        let all = summary.history.samples
        guard !all.isEmpty else { return "" }
        let between = all.count > 6 ? Array(all[1..<all.count - 3]) : []
        var content = "<div class=\"card\">\n"
        if between.isEmpty {
            content += all.map(sample).joined()
        } else {
            content += all.prefix(1).map(sample).joined()
            content += "<details><summary>\(HTMLText.escaped(words.prompted(between.count)))</summary>\n"
            content += between.map(sample).joined() + "</details>\n" + all.suffix(3).map(sample).joined()
        }
        return section(words.samples, note: words.samplesNote, content + "</div>\n")
    }

    private func sample(_ sample: RunHistory.Sample) -> String {
        // A prompt such as a single newline is nothing to see.
        let isVisible = sample.prompt.contains { !$0.isWhitespace }
        let prompt = isVisible ? HTMLText.foreign(sample.prompt, element: "span", class: "given") : ""
        return "<div class=\"sample\"><span class=\"when\">\(HTMLText.escaped(words.atStep(sample.step)))</span>"
            + "<div class=\"text\" dir=\"auto\">\(prompt)\(HTMLText.escaped(sample.text))</div></div>\n"
    }
}
