/// Every text that a user reads while Apus runs, in each language.
struct Messages: Sendable {
    let language: Language

    func say(_ english: String, _ chinese: String) -> String { language == .chinese ? chinese : english }

    /// What went wrong, in the user's language where that is known.
    func failure(_ error: any Error) -> String {
        language == .chinese ? ChineseErrors.translated("\(error)") : "\(error)"
    }

    var jsonIsCut: String {
        say(
            "the text ends before its JSON does (finish_reason length); raise -n or --context",
            "文本在 JSON 结束之前就停了（finish_reason length）；请增大 -n 或 --context")
    }

    // MARK: Usage

    func noSuchCommand(_ name: String) -> String {
        say("There is no command '\(name)'; `apus help` lists them.", "没有 '\(name)' 这个命令；`apus help` 列出全部命令。")
    }
    func negativeNumber(_ spelling: String) -> String {
        say("; a negative number is written \(spelling)", "；负数请写成 \(spelling)")
    }

    // MARK: Progress

    func timeLeft(_ time: String) -> String { say("\(time) left", "剩余 \(time)") }
    var readingPrompt: String { say("reading the prompt", "读取提示") }
    func loading(_ name: String) -> String { say("loading \(name)", "载入 \(name)") }
    func tokens(_ count: String) -> String { say("\(count) tokens", "\(count) 个词元") }
    func tokensPerSecond(_ rate: String) -> String { say("\(rate) tokens/s", "\(rate) 词元/秒") }

    // MARK: Models

    var noModels: String {
        say(
            "There are no models here yet; `apus pull hf:ORG/REPO` fetches one. `apus chat` works without.",
            "这里还没有模型；可以用 `apus pull hf:ORG/REPO` 下载。不下载也能直接使用 `apus chat`。")
    }
    var headingName: String { say("name", "名称") }
    var headingPlace: String { say("from", "来源") }
    var headingSize: String { say("size", "大小") }
    var headingDate: String { say("date (UTC)", "日期（UTC）") }
    var placeHuggingFace: String { say("Hugging Face cache", "Hugging Face 缓存") }
    func removed(_ name: String, _ size: String) -> String { say("removed \(name) (\(size))", "已删除 \(name)（\(size)）") }
    func pulled(_ name: String, _ size: String) -> String {
        say("\(name) is in the store (\(size))", "\(name) 已存入模型库（\(size)）")
    }
    func alreadyHere(_ name: String) -> String { say("\(name) was here already", "\(name) 已在本机") }
    var pullStopped: String {
        say("stopped; the same command goes on from here", "已停止；再次运行同一命令会从断点继续")
    }
    func retrying(_ reason: String) -> String { say("trying again: \(reason)", "重试：\(reason)") }

    // MARK: Machine

    var none: String { say("none", "无") }
    var processor: String { say("processor", "处理器") }
    var instructionSets: String { say("instruction sets", "指令集") }
    var codePath: String { say("code path", "代码路径") }
    func codePath(_ machine: Machine) -> String {
        let list = machine.codePathsCompiled.map { path in
            machine.codePaths.contains(path) ? path : say("\(path) (not on this processor)", "\(path)（本处理器不支持）")
        }.joined(separator: ", ")
        let reason =
            machine.codePathIsAskedFor
            ? say("APUS_ISA asks for it", "由 APUS_ISA 指定") : say("the fastest that this processor runs", "本处理器可用的最快路径")
        return say(
            "\(machine.codePath): \(reason); there are \(list)", "\(machine.codePath)：\(reason)；全部路径：\(list)")
    }
    var arithmetic: String { say("arithmetic", "算力") }
    var caches: String { say("caches", "缓存") }
    var hugePages: String { say("huge pages", "大页") }
    func hugePageFacts(_ mode: String, _ size: String) -> String {
        say("transparent: \(mode), of \(size)", "透明大页：\(mode)，每页 \(size)")
    }
    var notOffered: String { say("not offered", "不支持") }
    var processors: String { say("processors", "处理器数") }
    func processorCounts(_ online: Int, _ allowed: Int, _ quota: String) -> String {
        say(
            "\(online) online, \(allowed) in this process's affinity, quota of the container: \(quota)",
            "在线 \(online)，本进程可用 \(allowed)，容器配额：\(quota)")
    }
    var threads: String { say("threads", "线程") }
    var memory: String { say("memory", "内存") }
    func memoryAmounts(_ total: String, _ available: String, limit: String?) -> String {
        say("\(total), \(available) available", "\(total)，可用 \(available)")
            + (limit.map { say(", limit of the container: \($0)", "，容器上限：\($0)") } ?? "")
    }
    var bandwidth: String { say("memory reads", "内存读取速度") }
    var storeFolder: String { say("model store", "模型库") }

    // MARK: What a model is

    var model: String { say("model", "模型") }
    var file: String { say("file", "文件") }
    var files: String { say("files", "文件数") }
    var architecture: String { say("architecture", "架构") }
    var cannotRun: String { say("cannot be run", "无法运行") }
    var context: String { say("context", "上下文") }
    var shape: String { say("shape", "结构") }
    func shapeOf(_ layers: Int, _ width: Int, _ heads: Int, _ kvHeads: Int) -> String {
        let shared = kvHeads == heads ? "" : say(", \(kvHeads) for keys and values", "，键值头 \(kvHeads)")
        return say("\(layers) layers, width \(width), \(heads) heads", "\(layers) 层，宽度 \(width)，\(heads) 个注意力头")
            + shared
    }
    var vocabulary: String { say("vocabulary", "词表") }
    var weights: String { say("weights", "权重") }
    var cache: String { say("cache", "缓存") }
    func cacheFor(_ bytes: String, _ context: String) -> String {
        say("\(bytes) for a context of \(context) tokens", "上下文 \(context) 个词元时为 \(bytes)")
    }
    var tokenizer: String { say("tokenizer", "分词器") }
    var template: String { say("chat template", "对话模板") }
    func templateSize(_ bytes: Int) -> String { say("yes, \(bytes) bytes", "有，\(bytes) 字节") }
    var licence: String { say("licence", "许可证") }
    var notStated: String { say("not stated", "未注明") }
    var headingGroup: String { say("tensors", "张量组") }
    var headingParameters: String { say("parameters", "参数") }
    var headingTypes: String { say("types", "类型") }
    var headingTensor: String { say("tensor", "张量") }
    var headingShape: String { say("shape", "形状") }

    // MARK: Chat

    func chatWelcome(_ name: String, hasTemplate: Bool) -> String {
        hasTemplate
            ? say(
                "\(name). /help shows the commands, Ctrl-C stops a reply, Ctrl-D leaves.",
                "\(name)。/help 显示命令，Ctrl-C 中断回复，Ctrl-D 退出。")
            : say(
                "\(name) has no chat template: it continues your text.\nWrite the beginning of a story; an empty line goes on.\n"
                    + "/help shows the commands, Ctrl-C stops, Ctrl-D leaves.",
                "\(name) 没有对话模板，只会续写文字。\n请写一个故事的开头；直接回车可继续往下写。\n/help 显示命令，Ctrl-C 中断，Ctrl-D 退出。")
    }
    func chatHelp(hasTemplate: Bool) -> String {
        let system = say(
            "  /system TEXT      what the model is told before the conversation; \"-\" for nothing\n",
            "  /system 文字      对话开始前给模型的说明；用 \"-\" 取消\n")
        return say(
            (hasTemplate ? system : "")
                + """
                  /temperature T    how freely the model chooses; 0 always takes the most probable
                  /save FILE        write what was said to a file (Markdown, or JSON for .json)
                  /clear            forget what was said
                  /stats            tokens and speed so far
                  /exit             leave (or Ctrl-D)
                  A line that ends with \\ goes on in the next;
                  three quotes begin and end a text of several lines.
                  Arrows and Ctrl-R find earlier lines.
                  A space before a slash makes a line plain text.
                """,
            (hasTemplate ? system : "")
                + """
                  /temperature T    模型选词的自由程度；0 总是选最可能的
                  /save 文件        把对话写入文件（Markdown；.json 则为 JSON）
                  /clear            忘掉之前的内容
                  /stats            目前的词元数与速度
                  /exit             退出（或 Ctrl-D）
                  行末的 \\ 表示下一行继续；三个引号开始和结束多行文字。
                  方向键和 Ctrl-R 可找回以前的输入。斜杠前加空格则按普通文字发送。
                """)
    }
    var searchPrompt: String { say("search: ", "搜索：") }
    var howToLeave: String {
        say("Ctrl-D or /exit leaves; so does Ctrl-C once more.", "按 Ctrl-D 或输入 /exit 退出；再按一次 Ctrl-C 也可退出。")
    }
    var cleared: String { say("Everything said is forgotten.", "已忘掉之前的内容。") }
    func unknownChatCommand(_ word: String) -> String {
        let list = ChatLine.commands.joined(separator: " ")
        return say(
            "\(word) is no command; there are \(list). A space before the slash makes it plain text.",
            "没有 \(word) 这个命令；可用：\(list)。斜杠前加空格则按普通文字发送。")
    }
    func replyFigures(_ figures: ReplyFigures) -> String {
        let rate = tokensPerSecond(Quantity.rate(figures.decodeTokensPerSecond))
        let count = tokens(Quantity.grouped(figures.completionTokens))
        switch figures.ending {
        case .stop: return "[\(count), \(rate)]"
        case .length: return say("[\(count), \(rate); stopped at the limit]", "[\(count)，\(rate)；达到上限]")
        case .interrupted:
            return figures.completionTokens > 0
                ? say("[\(count), \(rate); stopped]", "[\(count)，\(rate)；已中断]") : say("[stopped]", "[已中断]")
        }
    }
    func windowFull(_ context: Int) -> String {
        say(
            "The model's window of \(context) tokens is full; /clear begins anew.",
            "模型的 \(context) 个词元的窗口已满；请用 /clear 重新开始。")
    }
    func exchangesForgotten(_ count: Int, window: Int) -> String {
        say(
            "The window of \(window) tokens is nearly full: the first \(count) exchange\(count == 1 ? "" : "s") that the "
                + "model still knew will be left out from here on. /save keeps them.",
            "\(window) 个词元的窗口快满了：从现在起不再给模型看最早的 \(count) 轮对话。/save 会保留它们。")
    }
    var noSystem: String {
        say("This model has no template, so it can't be told anything apart from the text.", "该模型没有对话模板，除正文外无法另作说明。")
    }
    var noSystemYet: String { say("There is no system message.", "没有系统说明。") }
    var systemSet: String { say("That holds from the next reply on.", "从下一个回复起生效。") }
    func temperatureSet(_ value: String) -> String { say("The temperature is \(value) now.", "温度已设为 \(value)。") }
    func notANumber(_ text: String) -> String { say("\"\(text)\" is no number.", "“\(text)” 不是数字。") }
    var nothingToSave: String { say("Nothing has been said yet.", "还没有内容可保存。") }
    func saved(_ path: String) -> String { say("Written to \(path).", "已写入 \(path)。") }
    func fileExists(_ path: String) -> String {
        say("\(path) is there already; take another name.", "\(path) 已存在，请换一个名称。")
    }
    func cannotSave(_ path: String, _ reason: String) -> String {
        say("\(path) cannot be written: \(reason).", "无法写入 \(path)：\(reason)。")
    }
    func chatStats(replies: Int, totals: ReplyFigures, used: Int, context: Int) -> String {
        let prefill = tokensPerSecond(Quantity.rate(totals.prefillTokensPerSecond))
        let decode = tokensPerSecond(Quantity.rate(Double(totals.completionTokens) / max(totals.decodeSeconds, 1e-9)))
        return say(
            """
            replies      \(replies)
            read         \(Quantity.grouped(totals.prefilledTokens)) tokens, \(prefill)
            written      \(Quantity.grouped(totals.completionTokens)) tokens, \(decode)
            window       \(Quantity.grouped(used)) of \(Quantity.grouped(context)) tokens
            """,
            """
            回复数       \(replies)
            读入         \(Quantity.grouped(totals.prefilledTokens)) 个词元，\(prefill)
            生成         \(Quantity.grouped(totals.completionTokens)) 个词元，\(decode)
            窗口         \(Quantity.grouped(used)) / \(Quantity.grouped(context)) 个词元
            """)
    }

    // MARK: Measuring

    func prefill(_ tokens: Int, _ batch: Int) -> String {
        say("reading \(tokens) tokens × \(batch)", "读入 \(tokens) 个词元 × \(batch)")
    }
    func decode(_ tokens: Int, _ batch: Int) -> String {
        say("writing \(tokens) tokens × \(batch)", "生成 \(tokens) 个词元 × \(batch)")
    }
    func textBenchmark(_ result: TextBenchmark, _ rates: (guessed: String, plain: String)) -> String {
        let speedup = Quantity.decimal(result.guessed / result.plain, places: 2)
        return say(
            """
            writing \(result.tokens) tokens after \(result.promptTokens)  \(rates.guessed)
            without guesses  \(rates.plain)  (× \(speedup); \(result.accepted) of \(result.drafted) guesses were right)
            """,
            """
            在 \(result.promptTokens) 个词元之后生成 \(result.tokens) 个词元  \(rates.guessed)
            不用猜测  \(rates.plain)  （× \(speedup)；\(result.drafted) 次猜测中 \(result.accepted) 次正确）
            """)
    }
    var measuringSpeed: String { say("measuring", "测速") }
    func bandwidthShare(_ share: String, _ bytes: String) -> String {
        say("\(share) of memory reads (\(bytes)/s)", "内存读取速度（\(bytes)/s）的 \(share)")
    }
    func arithmeticShare(_ share: String, _ kind: String, _ peak: String) -> String {
        say("\(share) of \(kind) arithmetic (\(peak))", "\(kind) 算力（\(peak)）的 \(share)")
    }
    func bounds(reading: Benchmark.Bound, writing: Benchmark.Bound) -> String {
        func name(_ bound: Benchmark.Bound) -> String {
            switch bound {
            case .arithmetic: say("arithmetic", "算力")
            case .memory: say("memory", "内存读取速度")
            case .neither: say("neither memory nor arithmetic", "既非内存也非算力")
            }
        }
        return say(
            "What binds: reading – \(name(reading)); writing – \(name(writing)).",
            "瓶颈：读入 – \(name(reading))；生成 – \(name(writing))。")
    }
    func perplexity(_ value: String, _ nats: String, _ count: String, _ windows: Int) -> String {
        say(
            "perplexity \(value) (\(nats) nats, \(count) predicted tokens, \(windows) windows)",
            "困惑度 \(value)（\(nats) nat，预测 \(count) 个词元，\(windows) 个窗口）")
    }

    func cacheCost(_ type: String, _ usual: String, _ change: String) -> String {
        say(
            "\(change) by the cache of type \(type): with f16 it is \(usual)",
            "\(type) 类型的缓存使其变化 \(change)：f16 缓存时为 \(usual)")
    }

    // MARK: Writing models

    func converted(_ path: String, _ format: String, _ size: String) -> String {
        say("wrote \(path) (\(format), \(size))", "已写入 \(path)（\(format)，\(size)）")
    }
    func quantized(_ path: String, _ before: String, _ after: String) -> String {
        say("wrote \(path): \(before) → \(after)", "已写入 \(path)：\(before) → \(after)")
    }
    func perplexityChange(_ before: String, _ after: String) -> String {
        say("perplexity \(before) → \(after)", "困惑度 \(before) → \(after)")
    }
    func otherType(_ tensor: String, _ wanted: String, _ type: String) -> String {
        say(
            "\(tensor): its rows do not divide into blocks of \(wanted), so it gets \(type)",
            "\(tensor)：行长不能整除 \(wanted) 的块，改用 \(type)")
    }
    func measuring(_ text: String) -> String { say("perplexity of \(text)", "\(text) 的困惑度") }
    func calibrating(_ text: String) -> String { say("reading \(text)", "读取 \(text)") }
}
