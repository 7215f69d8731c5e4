/// Every text that a user reads while Apus runs, in each language.
struct Messages: Sendable {
    let language: Language

    private func say(_ english: String, _ chinese: String) -> String { language == .chinese ? chinese : english }

    // MARK: Progress

    func timeLeft(_ time: String) -> String { say("\(time) left", "剩余 \(time)") }
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
    func codePath(_ name: String, of all: [String]) -> String {
        let list = all.joined(separator: ", ")
        return say("\(name) (this machine runs: \(list))", "\(name)（本机可用：\(list)）")
    }
    var processors: String { say("processors", "处理器数") }
    func processorCounts(_ online: Int, _ allowed: Int, _ quota: String) -> String {
        say(
            "\(online) online, \(allowed) in this process's affinity, quota of the container: \(quota)",
            "在线 \(online)，本进程可用 \(allowed)，容器配额：\(quota)")
    }
    var threads: String { say("threads", "线程") }
    var memory: String { say("memory", "内存") }
    func memoryAmounts(_ total: String, _ available: String) -> String {
        say("\(total), \(available) available", "\(total)，可用 \(available)")
    }
    var bandwidth: String { say("memory reads", "内存读取速度") }
    var storeFolder: String { say("model store", "模型库") }
}
