import ApusEvaluation

extension Messages {
    var evaluating: String { say("answering", "作答") }
    var headingTasks: String { say("tasks", "题目") }
    var headingPassed: String { say("passed", "通过") }
    var headingShare: String { say("share", "比例") }
    var headingInterval: String { say("95% interval", "95% 置信区间") }
    var allTasks: String { say("all", "全部") }
    var emptyAnswer: String { say("(an empty answer)", "（空回答）") }
    var cutAnswer: String { say("[cut at the limit of tokens]", "[已达词元上限，被截断]") }
    func cutAnswers(_ count: Int) -> String {
        count == 1
            ? say(
                "1 answer was cut at the limit of tokens; --max-tokens raises it.",
                "1 个回答达到词元上限而被截断；可用 --max-tokens 提高上限。")
            : say(
                "\(count) answers were cut at the limit of tokens; --max-tokens raises it.",
                "\(count) 个回答达到词元上限而被截断；可用 --max-tokens 提高上限。")
    }
    func stoppedAfter(_ count: Int, _ total: Int) -> String {
        say("stopped after \(count) of \(total) tasks", "已中断：完成 \(count) / \(total) 题")
    }
    func evaluationTime(_ summary: EvaluationSummary) -> String {
        let rate = Quantity.rate(Double(summary.completionTokens) / max(summary.seconds, 1e-9))
        let (read, written) = (Quantity.grouped(summary.promptTokens), Quantity.grouped(summary.completionTokens))
        let seconds = Quantity.decimal(summary.seconds, places: 1)
        return say(
            "\(seconds) s, \(read) tokens read, \(written) written (\(tokensPerSecond(rate)))",
            "\(seconds) 秒，读入 \(read) 个词元，生成 \(written) 个（\(tokensPerSecond(rate))）")
    }

    /// Why a check was not passed.
    func failure(_ outcome: CheckOutcome) -> String {
        let not = outcome.check.isNegated
        switch outcome.check.kind {
        case .contains(let texts):
            if not { return say("contains \(list(outcome.found))", "含有 \(list(outcome.found))") }
            return texts.count == 1
                ? say("does not contain \(list(texts))", "不含 \(list(texts))")
                : say("contains none of \(list(texts))", "不含以下任何一个：\(list(texts))")
        case .containsAll(let texts):
            if not { return say("contains all of \(list(texts))", "含有以下全部：\(list(texts))") }
            return say("does not contain \(list(outcome.missing))", "不含 \(list(outcome.missing))")
        case .regex(let regex):
            let pattern = String(decoding: regex.pattern, as: UTF8.self)
            if outcome.isUndecided {
                return say("\(pattern) takes too many steps on this answer", "\(pattern) 在此回答上步数过多，无法判定")
            }
            return not ? say("matches \(pattern)", "匹配 \(pattern)") : say("does not match \(pattern)", "不匹配 \(pattern)")
        case .equals(let text, _):
            return not
                ? say("is \(list([text]))", "等于 \(list([text]))") : say("is not \(list([text]))", "不等于 \(list([text]))")
        case .choice(let choice): return failure(choice, outcome)
        }
    }

    private func failure(_ choice: Check.Choice, _ outcome: CheckOutcome) -> String {
        let all = zip(choice.texts, outcome.scores).map { text, score in
            list([text]) + " " + Quantity.decimal(score, places: 3)
        }.joined(separator: say(", ", "，"))
        let right = choice.texts.indices.contains(choice.answer) ? list([choice.texts[choice.answer]]) : ""
        let unit =
            choice.normalization == .bytes ? say("nats a byte", "每字节对数似然") : say("nats", "对数似然")
        return outcome.check.isNegated
            ? say("finds \(right) the likeliest (\(unit): \(all))", "认为 \(right) 最有可能（\(unit)：\(all)）")
            : say("finds \(right) less likely (\(unit): \(all))", "认为 \(right) 不是最有可能（\(unit)：\(all)）")
    }

    private func list(_ texts: [String]) -> String {
        texts.map { say("\"\($0)\"", "“\($0)”") }.joined(separator: say(", ", "、"))
    }
}
