extension Messages {
    var countingWords: String { say("counting words", "统计词语") }
    var learningVocabulary: String { say("learning the vocabulary", "学习词表") }
    var packingCorpus: String { say("packing the corpus", "打包语料") }
    var readingExamples: String { say("reading the examples", "读取样例") }
    func measuringSize(_ size: String) -> String { say("measuring a model of \(size)", "测量 \(size) 的模型") }

    func forecast(
        parameters: String, steps: Int, time: String, rate: String, memory: String, model: String, checkpoints: String
    ) -> String {
        say(
            "\(parameters) parameters, \(steps) steps: about \(time) at \(rate) tokens/s; memory \(memory); "
                + "the model takes \(model), a checkpoint \(checkpoints)",
            "\(parameters) 个参数，\(steps) 步：约 \(time)，每秒 \(rate) 个词元；内存 \(memory)；模型占 \(model)，每个检查点占 \(checkpoints)")
    }
    func trainingStep(_ step: String, of steps: String) -> String {
        say("step \(step)/\(steps)", "第 \(step)/\(steps) 步")
    }
    func loss(_ value: String) -> String { say("loss \(value)", "损失 \(value)") }
    func heldOutLoss(_ value: String) -> String { say("held out \(value)", "留出 \(value)") }
    var comma: String { say(", ", "，") }
    func sample(step: Int, text: String) -> String { say("step \(step) writes: \(text)", "第 \(step) 步写道：\(text)") }
    func rolledBack(from: Int, to: Int) -> String {
        say(
            "step \(from): the loss is not a number; back to step \(to) at half the rate",
            "第 \(from) 步：损失不是数值；退回第 \(to) 步，学习率减半")
    }
    func cameDown(from: Int, to: Int, lastStep: Int) -> String {
        say(
            "step \(from): the held-out loss gets no better; back to step \(to), from where the rate comes down to step "
                + "\(lastStep), the last",
            "第 \(from) 步：留出损失不再下降；退回第 \(to) 步，学习率由此下降，至第 \(lastStep) 步结束")
    }
    func readsOften(epochs: String) -> String {
        say(
            "the corpus is small for that time: the run ends when the held-out loss gets no better (--patience)",
            "对此时间而言语料较小（约读 \(epochs) 遍）：留出损失不再下降时即结束训练（--patience）")
    }
    var followsPlan: String { say("going on with the sizes that were picked before", "沿用先前选定的模型大小与设置") }
    func stoppedEarly(best: Int) -> String {
        say(
            "the held-out loss gets no better; the model of step \(best) is taken",
            "留出损失不再下降；采用第 \(best) 步的模型")
    }
    func trainingStopped(step: Int, folder: String) -> String {
        say(
            "stopped after step \(step), which is kept in \(folder); the same command with --resume goes on",
            "已在第 \(step) 步之后停止，状态保存在 \(folder)；同一命令加上 --resume 可以继续")
    }
    func trained(folder: String, steps: String, time: String, loss: String, command: String) -> String {
        say(
            "\(folder): \(steps) steps in \(time), loss \(loss); try it with `\(command)`",
            "\(folder)：\(steps) 步，用时 \(time)，损失 \(loss)；可用 `\(command)` 试用")
    }
    func wroteGGUF(_ file: String) -> String { say("wrote \(file)", "已写出 \(file)") }
    func registered(_ name: String) -> String { say("\(name) is in the store", "\(name) 已存入模型库") }
    func picked(_ model: String, epochs: String, loss: String) -> String {
        say(
            "picked \(model): reading the corpus \(epochs) times in that time promises the lowest loss (\(loss) by the "
                + "scaling law)",
            "选择 \(model)：在此时间内可读语料 \(epochs) 遍，按缩放定律预计损失最低（\(loss)）")
    }
    func candidate(_ model: String, rate: String, epochs: String, loss: String) -> String {
        say(
            "  \(model): \(rate) tokens/s, \(epochs) passes, predicted loss \(loss)",
            "  \(model)：每秒 \(rate) 个词元，\(epochs) 遍，预计损失 \(loss)")
    }
}
