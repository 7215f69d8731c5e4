/// The words of curves and reports, in each language.
struct ReportWords: Sendable {
    let language: DataReportText.Language

    init(_ language: DataReportText.Language) { self.language = language }

    func say(_ english: String, _ chinese: String) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }

    /// The language's code for `lang`.
    var code: String { say("en", "zh-Hans") }

    // MARK: Curves

    var loss: String { say("loss", "损失") }
    var logarithmicNote: String { say(" (logarithmic)", "（对数）") }
    var training: String { say("training", "训练") }
    var heldOut: String { say("held out", "留出") }
    func atStep(_ step: Int) -> String { say("step \(Figures.grouped(step))", "第 \(Figures.grouped(step)) 步") }
    var lossTitle: String { say("Loss", "损失") }
    func lossNote(_ method: RunSummary.Method) -> String {
        method == .dpo
            ? say("nats per pair, by step", "每对 nat 数，按步") : say("nats per token, by step", "每词元 nat 数，按步")
    }
    var rateTitle: String { say("Learning rate", "学习率") }
    var normTitle: String { say("Gradient norm", "梯度范数") }
    var byStep: String { say("by step", "按步") }
    var noCurve: String { say("No step was done yet.", "尚未完成任何一步。") }
    func rolledBack(_ from: Int, _ to: Int) -> String {
        say(
            "At step \(Figures.grouped(from)) the loss was not a number: the run went back to step "
                + "\(Figures.grouped(to)) and on at half the rate.",
            "第 \(Figures.grouped(from)) 步损失不是数值：已退回第 \(Figures.grouped(to)) 步，并以一半学习率继续。")
    }
    var measurements: String { say("All measurements", "全部测量") }
    func someMeasurements(_ shown: Int, _ all: Int) -> String {
        say("\(shown) of \(Figures.grouped(all)) measurements", "\(Figures.grouped(all)) 次测量中的 \(shown) 次")
    }
    var stepHeading: String { say("step", "步") }
    var perplexity: String { say("perplexity", "困惑度") }

    // MARK: Heading

    func method(_ method: RunSummary.Method) -> String {
        switch method {
        case .scratch: say("trained from scratch", "从零训练")
        case .continued: say("training continued", "继续训练")
        case .full: say("fine-tuned, all weights", "全参数微调")
        case .lora: say("fine-tuned, LoRA", "LoRA 微调")
        case .qlora: say("fine-tuned, LoRA over a quantised base", "量化基座上的 LoRA 微调")
        case .dpo: say("fine-tuned on preferences (DPO)", "偏好微调（DPO）")
        }
    }
    func ending(_ summary: RunSummary) -> String? {
        let (done, planned) = (Figures.grouped(summary.history.step), Figures.grouped(summary.steps))
        switch summary.ending {
        case .finished: return nil
        case .stoppedEarly:
            guard let best = summary.history.stoppedEarlyFor.map(Figures.grouped) else { return nil }
            return say(
                "Stopped after \(done) of \(planned) steps, since the held-out loss did not get better; the model is that of step \(best).",
                "留出损失不再下降，在 \(planned) 步中的第 \(done) 步停止；模型取自第 \(best) 步。")
        case .interrupted:
            return say(
                "Interrupted after \(done) of \(planned) steps; it can be resumed.",
                "在 \(planned) 步中的第 \(done) 步中断；可以继续。")
        }
    }
    var heldOutLoss: String { say("held-out loss", "留出损失") }
    var trainingLoss: String { say("training loss", "训练损失") }
    func bestAt(_ step: Int) -> String {
        say("best, at step \(Figures.grouped(step))", "最佳，第 \(Figures.grouped(step)) 步")
    }
    func baseHad(_ loss: String) -> String { say("the base had \(loss)", "基座为 \(loss)") }
    var lastMeans: String { say("mean of last steps", "最后几步平均") }
    var parameters: String { say("parameters", "参数") }
    func trained(_ count: String) -> String { say("\(count) trained", "训练 \(count)") }
    var allTrained: String { say("all trained", "全部训练") }
    var tokensRead: String { say("tokens read", "读取词元") }
    func inSteps(_ steps: Int) -> String {
        say(steps == 1 ? "in 1 step" : "in \(Figures.grouped(steps)) steps", "共 \(Figures.grouped(steps)) 步")
    }
    var duration: String { say("duration", "用时") }
    func forecast(_ time: String) -> String { say("forecast \(time)", "预计 \(time)") }
    var speed: String { say("tokens per second", "词元/秒") }
    var stepsAlone: String { say("steps alone", "仅计训练步") }

    // MARK: Answers and samples

    var comparison: String { say("Base and tuned", "微调前后") }
    /// - Parameter learned: no rows were held out, so that the prompts are of rows that were learned.
    func comparisonNote(learned: Bool) -> String {
        learned
            ? say("Prompts that were learned from; none were held out", "参与了学习的提示（未留出数据）")
            : say("Prompts that were not learned from", "未参与学习的提示")
    }
    var answers: String { say("Answers", "回答") }
    var expected: String { say("Expected", "参考") }
    var base: String { say("Base", "基座") }
    var tuned: String { say("Tuned", "微调后") }
    var trainedModel: String { say("Trained", "训练后") }
    var nothing: String { say("(nothing)", "（空）") }
    func more(_ count: Int) -> String { say("\(Figures.grouped(count)) more", "另有 \(Figures.grouped(count)) 个") }
    var samples: String { say("Samples", "样本") }
    var samplesNote: String { say("What the model wrote on the way", "训练途中模型写下的文字") }
    func prompted(_ count: Int) -> String {
        say("\(Figures.grouped(count)) more in between", "其间另有 \(Figures.grouped(count)) 个")
    }

    // MARK: Data

    var data: String { say("Data", "数据") }
    func use(_ use: RunSummary.DataPart.Use) -> String {
        switch use {
        case .training: say("Training data", "训练数据")
        case .heldOut: say("Held-out data", "留出数据")
        }
    }
    var kind: String { say("kind", "类型") }
    var rows: String { say("rows", "条数") }
    var documents: String { say("documents", "文档数") }
    var files: String { say("files", "文件") }
    var tokens: String { say("tokens", "词元") }
    var learned: String { say("learned", "其中学习") }
    var duplicates: String { say("duplicates", "重复") }
    var lengths: String { say("Lengths in tokens", "长度（词元）") }
    func lengthFacts(_ lengths: DataReport.Lengths) -> String {
        let (low, high) = (Figures.grouped(lengths.shortest), Figures.grouped(lengths.longest))
        let (median, most) = (Figures.grouped(lengths.median), Figures.grouped(lengths.percentile95))
        return say(
            "\(low) to \(high), median \(median), 95% up to \(most)", "\(low) 至 \(high)，中位数 \(median)，95% 不超过 \(most)")
    }
    func place(_ place: DataPlace) -> String {
        say(", line \(Figures.grouped(place.line))", "，第 \(Figures.grouped(place.line)) 行")
    }
    var noWarnings: String { say("Nothing to warn of.", "没有需要提醒的问题。") }

    // MARK: Model, settings, lineage, machine

    var model: String { say("Model", "模型") }
    var family: String { say("family", "架构") }
    var layers: String { say("layers", "层数") }
    var width: String { say("width", "宽度") }
    var heads: String { say("heads", "注意力头") }
    var keyValueHeads: String { say("heads of keys and values", "键值头") }
    var feedForward: String { say("feed-forward width", "前馈宽度") }
    var vocabulary: String { say("vocabulary", "词表") }
    var context: String { say("context", "上下文") }
    var trainedParameters: String { say("trained parameters", "训练的参数") }
    var settings: String { say("Settings", "设置") }
    /// Settings have English names in `report.json`; a name that is none of these stays as it is.
    func setting(_ name: String) -> String { say(name, Self.chineseSettings[name] ?? name) }
    /// Values that are words.
    func settingValue(_ value: String) -> String { say(value, Self.chineseSettings[value] ?? value) }
    private static let chineseSettings = [
        "learning rate": "学习率", "schedule": "学习率调度", "warm-up": "预热步数", "tokens per step": "每步词元",
        "weight decay": "权重衰减", "betas": "β₁、β₂", "clipping": "梯度裁剪", "seed": "随机种子", "batch": "批大小",
        "epochs": "遍数", "rows": "样例数", "optimiser": "优化器", "cosine": "余弦", "stable": "平台后下降",
        "linear": "线性", "constant": "恒定",
    ]
    var lineage: String { say("Made from", "来源") }
    func role(_ role: RunSummary.Source.Role) -> String {
        switch role {
        case .base: say("base", "基座")
        case .tokenizer: say("tokenizer", "分词器")
        case .data: say("data", "数据")
        case .heldOutData: say("held-out data", "留出数据")
        }
    }
    var results: String { say("Results", "结果") }
    var machine: String { say("Machine", "机器") }
    var processor: String { say("processor", "处理器") }
    var threads: String { say("threads", "线程") }
    var codePath: String { say("code path", "代码路径") }
    var precision: String { say("precision", "精度") }
    var memory: String { say("memory", "内存") }
    var peakMemory: String { say("most memory used", "内存峰值") }
    func ofForecast(_ used: String, _ forecast: String) -> String {
        say("\(used), forecast \(forecast)", "\(used)，预计 \(forecast)")
    }
    func damagedRows(_ count: Int) -> String {
        say(
            "\(Figures.grouped(count)) rows of the log could not be read and are missing in the curves.",
            "日志中有 \(Figures.grouped(count)) 行无法读取，曲线中缺少这些行。")
    }
    func madeBy(_ version: String) -> String { say("Written by Apus \(version)", "由 Apus \(version) 生成") }
}
