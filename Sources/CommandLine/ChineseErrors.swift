/// Chinese for the errors that users meet most. Lower floors speak English only; what is not listed stays as it is.
///
/// An entry is the English text as a regular expression, and the Chinese with `$1`, `$2` … for its parts. Texts are
/// looked up line by line; a name of a file before the text stays in front of it.
enum ChineseErrors {
    static func translated(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }.joined(separator: "\n")
    }

    private static func line(_ line: String) -> String {
        for (pattern, chinese) in entries {
            guard let regex = try? Regex(pattern), let match = line.wholeMatch(of: regex) else { continue }
            var result = chinese
            for index in (1..<max(1, match.output.count)).reversed() {
                result = result.replacing("$\(index)", with: String(match.output[index].substring ?? ""))
            }
            return result
        }
        return line
    }

    static let entries: [(String, String)] = [
        // Options
        (#"(\S+) takes a number from (\d+) on(?:: all bytes and the end token)?\."#, "$1 应为不小于 $2 的整数。"),
        (#"(\S+) takes a positive number\."#, "$1 应为正数。"),
        (#"(\S+) takes a number from (\S+) to below (\S+)\."#, "$1 应在 $2 到 $3 之间（不含 $3）。"),
        (#"(\S+) is (\S+): it must be (.*)\."#, "$1 的值 $2 无效，应为 $3。"),
        (#"(.*) is (\S+), but must be (.*)"#, "$1 的值 $2 无效，应为 $3"),
        (#"(\S+) is one of (.*)\."#, "$1 可用的值：$2。"),
        (#"(\S+) needs (--\S.*)\."#, "$1 需要与 $2 一起使用。"),
        (#"(\S+) cannot be combined with (.*?): (.*)\."#, "$1 不能与 $2 同时使用：$3。"),
        (#"(--.*) exclude each other\."#, "$1 不能同时使用。"),
        (#"(--\S+) can't be given together with (.*)\."#, "$1 不能与 $2 同时使用。"),
        (#"Give one of (.*)\."#, "请从 $1 中选一个。"),
        (#"Give (\S+) or (\S+), not both\."#, "$1 与 $2 只能给一个。"),
        (#"Give either a text or --file\."#, "请只给一段文本，或只给 --file。"),
        (#"Give a model and one text file\."#, "请给一个模型和一个文本文件。"),
        (#"One model and one text are enough; put quotes around a text with spaces\."#, "只需一个模型和一段文本；含空格的文本请加引号。"),
        (#"Give the text to continue with -p, or on standard input\."#, "请用 -p 或标准输入给出要续写的文本。"),
        (#"--stop takes a text that is not empty\."#, "--stop 的文本不能为空。"),
        (#"--decode takes ids; "(.*)" is none\."#, "--decode 需要词元编号；\"$1\" 不是编号。"),
        (#"--adapter takes a folder or a file\."#, "--adapter 需要一个文件夹或文件。"),
        (
            #"--save-importance keeps what --calibrate finds; give both\."#,
            "--save-importance 保存 --calibrate 的结果；请同时给出两者。"
        ),
        (
            #"Standard input can't hold both the schema and the prompt; give the prompt with -p\."#,
            "标准输入不能同时放模式和提示；请用 -p 给出提示。"
        ),
        // Training and evaluation
        (#"Give the examples with --data FILE\."#, "请用 --data FILE 给出训练样例。"),
        (#"--hours picks sizes, batch and steps; leave those options out\."#, "--hours 会自动选择大小、批量和步数；请去掉那些选项。"),
        (
            #"--full trains all weights; leave --lora and the options of adapters out\."#,
            "--full 训练全部权重；请去掉 --lora 和适配器的选项。"
        ),
        (#"Give a file of tasks, which ends in \.jsonl\."#, "请给一个以 .jsonl 结尾的任务文件。"),
        (
            #"'(.*)' is no file of tasks, which ends in \.jsonl; a model stands first\."#,
            "'$1' 不是以 .jsonl 结尾的任务文件；模型应写在最前面。"
        ),
        (#"(.*): no text files; give text .*"#, "$1：没有文本文件；请给文本（.txt、.md 等）、.jsonl 或打包文件"),
        (#"(.*): the corpus is empty: no document has any text"#, "$1：语料为空，没有任何文本"),
        (#"(.*): no rows; write one JSON object a line"#, "$1：没有数据行；请每行写一个 JSON 对象"),
        (
            #"the corpus has (\d+) tokens, but two windows of (\d+) .*"#,
            "语料只有 $1 个词元，不够两个长度为 $2 的窗口（训练与验证各一）；请增加文本或缩短上下文"
        ),
        (
            #"(.*): a run was begun here already; go on with it with --resume, or take another folder"#,
            "$1：这里已有一次训练；请用 --resume 继续，或换一个文件夹"
        ),
        (
            #"(.*): there is no checkpoint to resume from; leave out --resume to begin anew"#,
            "$1：没有可继续的检查点；去掉 --resume 可重新开始"
        ),
        (#"(.*): the checkpoint is damaged: (.*)"#, "$1：检查点已损坏：$2"),
        (
            #"training would take (\d+) MiB of memory, but (\d+) MiB are there; lower .*"#,
            "训练需要 $1 MiB 内存，现有 $2 MiB；请减小 --batch 或 --context，或加上 --save-memory"
        ),
        (#"there is no family '(.*)' to train; there are (.*)"#, "没有可训练的模型族 '$1'；可用的有 $2"),
        (
            #"(.*): tensor '(.*)' is stored as (\S+), whose values cannot be trained; .*"#,
            "$1：张量 '$2' 以 $3 存储，不能直接训练；请用 --lora 训练适配器，或改用 F32、F16、BF16 的模型"
        ),
        (#"(.*): no tasks; write one a line, such as (.*)"#, "$1：没有任务；请每行写一个，例如 $2"),
        (#"the tokenizer names no end token, .*"#, "分词器没有结束词元，回答将无法结束；请在 tokenizer_config.json 中设置 eos_token"),
        // Models and files
        (#"no model named "(.*)" in the store: did you mean (.*)\?"#, "模型库里没有名为 \"$1\" 的模型；是不是想用 $2？"),
        (
            #"no model named "(.*)" in the store: see .*"#,
            "模型库里没有名为 \"$1\" 的模型；`apus list` 列出已有模型，`apus pull hf:ORG/REPO` 可以下载"
        ),
        (#""(.*)" is the name of (\d+) models; say which: (.*)"#, "有 $2 个模型名为 \"$1\"；请指明：$3"),
        (#"the model (.*) at (.*) is not whole: (.*); pull it again or remove it"#, "模型 $1（$2）不完整：$3；请重新下载或删除"),
        (#"(.*) is no model: (.*)"#, "$1 不是模型：$2"),
        (#"(.*): no such file"#, "$1：没有这个文件"), (#"(.*): no such folder"#, "$1：没有这个文件夹"),
        (#"(.*): is a folder, expected a file"#, "$1：是文件夹，这里需要文件"), (#"(.*): no permission"#, "$1：没有权限"),
        (#"(.*): has no config\.json, so it is no Hugging Face model"#, "$1：没有 config.json，不是 Hugging Face 模型"),
        (#"cannot read (.*?): (.*)"#, "无法读取 $1：$2"), (#"cannot write (.*?): (.*)"#, "无法写入 $1：$2"),
        (#"(.*) is there already; take another name, or --force to replace it"#, "$1 已存在；请换一个名字，或用 --force 覆盖"),
        (#"(.*) is no GGUF file; make one of it with `apus convert` first"#, "$1 不是 GGUF 文件；请先用 `apus convert` 转换"),
        (#"(\S+) is for writing GGUF only"#, "$1 只用于写 GGUF"),
        (#"(\S+) is for writing a folder from GGUF only"#, "$1 只用于从 GGUF 写出文件夹"),
        // Texts and contexts
        (
            #"the prompt has (\d+) tokens, but the context holds (\d+); .*"#,
            "提示有 $1 个词元，上下文只能容纳 $2 个；请缩短提示，或设置更大的 --context"
        ),
        (#"the prompt has no tokens .*"#, "提示没有任何词元；请至少给一个字符"),
        (
            #"a context of (\d+) tokens is asked for, but the model's positions end at (\d+)"#,
            "要求的上下文为 $1 个词元，但模型的位置只到 $2"
        ),
        (
            #"prompt and generated tokens are (\d+) together, and the model's context is (\d+); .*"#,
            "提示与生成共 $1 个词元，超出模型的上下文 $2；请减少"
        ),
        (#"a window of (\d+) tokens is longer than the model's context of (\d+); .*"#, "窗口 $1 个词元超过模型的上下文 $2"),
        (#"(.*) is too short: of its (\d+) tokens none can be predicted"#, "$1 太短：共 $2 个词元，无法预测"),
        (#"there is no token (\d+): the vocabulary has (\d+) tokens, from 0 on"#, "没有词元 $1：词表共有 $2 个词元，从 0 开始"),
        (#"(.*) has no chat template; give .*"#, "$1 没有聊天模板；请给 .jinja 文件、要续写的文本，或换一个模型"),
        (#"no token stands for "(.*)" at byte (\d+): .*"#, "词表没有可表示字节 $2 处 \"$1\" 的词元，也没有未知词元（unk_token）"),
        (#"All logits are minus infinity: .*"#, "全部 logits 为负无穷：权重可能已损坏；请核对文件的校验和。"),
    ]
}
