/// A report on data as people read it.
public struct DataReportText: Sendable {
    public enum Language: Sendable {
        case english
        case chinese
    }

    public let report: DataReport
    public let language: Language
    /// Warnings of a kind that are listed with file and line.
    public var listed = 5

    public init(_ report: DataReport, _ language: Language) {
        self.report = report
        self.language = language
    }

    /// The report, a line an element.
    public var lines: [String] {
        let lengths = report.lengths
        var lines = [
            say(
                "\(kind): \(number(report.rows)) in \(number(report.files)) \(report.files == 1 ? "file" : "files")",
                "\(kind)：\(number(report.rows)) 条，来自 \(number(report.files)) 个文件"),
            say(
                "tokens: \(number(report.tokens)), \(number(report.learnedTokens)) of them learned",
                "词元：\(number(report.tokens))，其中学习 \(number(report.learnedTokens))"),
            say(
                "lengths: \(number(lengths.shortest)) to \(number(lengths.longest)) tokens, median "
                    + "\(number(lengths.median)), 95% up to \(number(lengths.percentile95))",
                "长度：\(number(lengths.shortest)) 至 \(number(lengths.longest)) 个词元，中位数 "
                    + "\(number(lengths.median))，95% 不超过 \(number(lengths.percentile95))"),
        ]
        lines += histogram
        if report.duplicates > 0 {
            lines.append(
                say(
                    "duplicates: \(number(report.duplicates)) of \(number(report.rows))",
                    "重复：\(number(report.rows)) 条中有 \(number(report.duplicates)) 条"))
        }
        for kind in DataWarning.Kind.allCases {
            guard let count = report.counts[kind] else { continue }
            lines.append("\(number(count)) × \(meaning(of: kind))")
            let warnings = report.warnings.filter { $0.kind == kind }.prefix(listed)
            for warning in warnings {
                let place = say("\(warning.place)", "\(warning.place.file)，第 \(warning.place.line) 行")
                let spot = kind == .skippedFile ? warning.place.file : place
                lines.append("  " + spot + (warning.detail.isEmpty ? "" : ": \(warning.detail)"))
            }
            if count > warnings.count {
                lines.append("  " + say("and \(count - warnings.count) more", "以及另外 \(count - warnings.count) 处"))
            }
        }
        return lines
    }

    /// A bar for each power of two.
    private var histogram: [String] {
        let bars = report.lengths.histogram
        guard bars.count > 1, let most = bars.map(\.count).max(), most > 0 else { return [] }
        let labels = bars.map { "\($0.range.lowerBound)–\($0.range.upperBound)" }
        let width = labels.map(\.count).max() ?? 0
        return zip(bars, labels).map { bar, label in
            let length = bar.count == 0 ? 0 : max(1, (bar.count * 30 + most / 2) / most)
            let padding = String(repeating: " ", count: width - label.count)
            return
                "  \(padding)\(label) \(String(repeating: "█", count: length))\(length > 0 ? " " : "")\(number(bar.count))"
        }
    }

    private func say(_ english: String, _ chinese: String) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }

    private func number(_ count: Int) -> String {
        var result = ""
        let digits = String(count)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }

    /// What the rows are called.
    var kind: String {
        switch report.kind {
        case nil: say("documents", "文档")
        case .text: say("rows of text", "纯文本行")
        case .completion: say("prompts with completions", "提示与补全")
        case .chat: say("conversations", "对话")
        case .instruction: say("instructions (Alpaca)", "指令（Alpaca）")
        case .preference: say("preferences", "偏好对")
        }
    }

    func meaning(of kind: DataWarning.Kind) -> String {
        switch kind {
        case .carriageReturns: say("lines end with CR LF; they are learned so", "行尾为 CR LF，将原样学习")
        case .controlToken: say("a control token in a text, learned as letters", "文本中写有控制词元，按普通文字学习")
        case .replacementCharacter:
            say("U+FFFD: characters were lost before", "含有 U+FFFD：此前转换时丢失了字符")
        case .mojibake: say("looks like UTF-8 read as Latin-1 (“Ã©”)", "疑似把 UTF-8 当作 Latin-1 读取（“Ã©”）")
        case .emptyDocument: say("a document without text, left out", "空文档，已略去")
        case .emptyPrompt: say("an empty prompt", "提示为空")
        case .emptyCompletion: say("an empty answer", "回答为空")
        case .cut: say("cut to the context; tokens it had", "按上下文长度截断；原词元数")
        case .cutAway: say("nothing of the answer left after cutting, left out", "截断后回答已不存在，已略去")
        case .duplicate: say("the same as a row before", "与前面的行相同")
        case .otherAnswer: say("a prompt that was there, with another answer", "提示相同而回答不同")
        case .sameAnswers: say("both answers are the same, left out", "两个回答相同，已略去")
        case .unanswered: say("ends with a turn that nobody answers", "最后一轮没有回答")
        case .unusedKeys: say("a key that is not used", "未使用的键")
        case .repeatedKey: say("a key more than once in an object; the last counts", "对象中的键重复，以最后一个为准")
        case .endNotLearned:
            say("the template lets an answer end without an end token", "模板使回答结束时没有结束词元")
        case .otherGenerationPrompt:
            say(
                "the template begins generated answers otherwise than given ones",
                "模板生成回答时的开头与已有回答的开头不同")
        case .skippedFile: say("a file without text, passed over", "非文本文件，已跳过")
        }
    }
}
