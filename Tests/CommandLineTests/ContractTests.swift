import Testing

@testable import ApusCommandLine

@Suite("What other programs rely on")
struct ContractTests {
    @Test(
        "Wrong usage ends with 2 and shows the right usage on standard error",
        arguments: [
            ["rm"], ["nonsense"], ["tokenize", "--ids", "--count"], ["tokenize", "a", "b", "c"],
            ["generate", "-p", "a", "--typo"], ["generate", "-p", "a", "--temperature", "-1"],
            ["generate", "-p", "a", "--logprobs", "1"], ["generate", "-p", "a", "--top-p", "2"],
            ["generate", "-p", "a", "--choices", "0"], ["generate", "-p", "a", "--stop", ""],
            ["generate", "-p", "a", "--logit-bias", "x=1"], ["generate", "-p", "a", "--temperature", "warm"],
            ["generate", "-p", "a", "--mirostat-tau", "5", "--top-k", "3"], ["generate", "-p", "a", "--threads", "0"],
            ["perplexity"], ["perplexity", "f", "--context", "1"], ["bench", "--prompt", "0"],
            ["show", "--format", "xml"],
            ["tokenize", "--pattern", "nope", "x.tiktoken", "a"], ["quantize", "a.gguf", "b.gguf", "Q9_Z"],
            ["template"], ["convert", "only-one"], ["chat", "-n", "0"],
            ["generate", "-p", "a", "--adapter", "x:nan"], ["chat", "--adapter", ""],
        ])
    func wrongUsage(arguments: [String]) async {
        let result = await run(arguments)
        #expect(result.code == 2)
        #expect(result.output == "")
        #expect(result.messages.hasPrefix("apus: "))
        #expect(result.messages.contains("Usage: apus") || arguments == ["nonsense"])
    }

    @Test("An instruction set that the processor lacks ends with 2 and one sentence that names those it has")
    func unknownInstructionSet() async {
        let result = await apus("doctor", environment: ["APUS_ISA": "altivec"])
        #expect(result.code == 2)
        #expect(result.output == "")
        #expect(result.messages.hasPrefix("apus: APUS_ISA is \"altivec\""))
        #expect(result.messages.contains("scalar"))
        #expect(result.messages.split(separator: "\n").count == 1)
    }

    @Test(
        "A failure ends with 1 and one sentence on standard error",
        arguments: [
            ["rm", "nobody/has-this"], ["show", "/nowhere/model.gguf"], ["tokenize", "/nowhere/tokenizer.json", "a"],
            ["perplexity", "/nowhere/text.txt"], ["template", "/nowhere/t.jinja"],
            ["generate", "./nowhere.gguf", "-p", "a"], ["generate", "-p", "a", "--adapter", "/nowhere"],
            ["pull", "hf:"], ["show", "openai:gpt"], ["template", "/nowhere/model.gguf", "--data", "{"],
        ])
    func failures(arguments: [String]) async {
        let result = await run(arguments)
        #expect(result.code == 1)
        #expect(result.output == "")
        #expect(result.messages.hasPrefix("apus: "))
        #expect(result.messages.split(separator: "\n").count == 1)
    }

    @Test("Help is a result, has an abstract and two examples", arguments: RootCommand.names)
    func help(name: String) async {
        let result = await run(["help", name])
        #expect(result.code == 0)
        #expect(result.messages == "")
        #expect(result.output.hasPrefix("OVERVIEW: "))
        let examples = result.output.split(separator: "\n").drop { $0 != "EXAMPLES:" }.dropFirst().prefix {
            $0.hasPrefix("  ")
        }
        #expect(examples.count { $0.contains("apus \(name)") } >= 1)
        #expect(examples.count >= 2)
    }

    @Test("The commands that there are")
    func commands() {
        let expected = [
            "bench", "chat", "convert", "doctor", "eval", "finetune", "generate", "list", "perplexity", "pull",
            "quantize",
            "rm", "show", "template", "tokenize", "train",
        ]
        #expect(RootCommand.names.sorted() == expected)
    }

    @Test("Completions are written for each shell", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async {
        let result = await run(["--generate-completion-script", shell])
        #expect(result.code == 0)
        #expect(result.output.contains("tokenize"))
    }

    @Test(
        "Wrong usage says what is wrong and shows the usage of that very command",
        arguments: [
            (["nosuch"], "There is no command 'nosuch'", "apus <subcommand>", "没有 'nosuch' 这个命令"),
            (
                ["generate", "--temprature", "1"], "Unknown option '--temprature'", "apus generate",
                "是不是想用 '--temperature'"
            ),
            (["generate", "--temperature", "-1"], "is written --temperature=-1", "apus generate", "--temperature=-1"),
            (["tokenize", "--decode", "1,x"], "\"x\" is none", "apus tokenize", "用法：apus tokenize"),
            (["bench", "--prompt", "0"], "--prompt takes a number from 1", "apus bench", "--prompt 应为不小于 1 的整数"),
        ])
    func wrongUsage(arguments: [String], message: String, usage: String, chinese: String) async {
        let english = await apus(arguments)
        #expect(english.code == 2)
        #expect(english.messages.contains(message))
        #expect(english.messages.contains("Usage: " + usage))
        #expect(await apus(arguments, language: .chinese).messages.contains(chinese))
    }

    @Test(
        "What users meet often is said in Chinese too",
        arguments: [
            (["show", "nosuchmodel"], "没有名为 \"nosuchmodel\" 的模型"),
            (["show", "./nothing.gguf"], "没有这个文件"),
            (["tokenize", "--decode", "99999999"], "词表共有"),
            (["generate", "-p", "a", "-n", "-1"], "-n"),
            (["generate", "-p", "a", "--top-p", "2"], "应为"),
            (["generate", "-p", "a", "--logprobs", "2"], "需要与"),
            (["finetune", "x", "--out", "y"], "缺少"),
            (["train"], "用法：apus train"),
            (["eval"], "用法：apus eval"),
            (["perplexity", "apus-primer", "/nonexistent.txt"], "无法读取"),
        ])
    func chinese(arguments: [String], message: String) async throws {
        let folder = try TemporaryFolder()
        let result = await apus(arguments, language: .chinese, environment: ["HOME": folder.path])
        #expect(result.code != 0)
        #expect(result.messages.contains(message), "\(result.messages)")
    }

    @Test("Chinese texts have a place for each part of the English ones")
    func translations() throws {
        for (pattern, chinese) in ChineseErrors.entries {
            let regex = try Regex(pattern)
            #expect("".wholeMatch(of: regex) == nil)
            let parts = pattern.replacing("\\(", with: "").replacing("(?:", with: "").count { $0 == "(" }
            for match in chinese.matches(of: #/\$(\d)/#) {
                #expect(Int(match.1).map { (1...max(1, parts)).contains($0) } == true, "\(chinese)")
            }
        }
    }

    @Test("An empty store is an empty list, and says so to people only")
    func emptyStore() async throws {
        let folder = try TemporaryFolder()
        let environment = ["HOME": folder.path]
        let text = await apus("list", environment: environment)
        #expect(text.code == 0)
        #expect(text.output == "")
        #expect(text.messages.contains("apus pull"))
        let chinese = await apus("list", language: .chinese, environment: environment)
        #expect(chinese.messages.contains("模型"))
        let json = await apus("list", "--format", "json", environment: environment)
        #expect(json.output == "")
        #expect(json.messages == "")
    }

    private func run(_ arguments: [String]) async -> CommandResult {
        let output = MemorySink()
        let messages = MemorySink()
        let terminal = Terminal(descriptor: -1, isTerminal: false, usesColour: false)
        let console = Console(
            results: output, messages: MessageChannel(sink: messages, terminal: terminal),
            environment: Environment(["HOME": "/nowhere"]))
        let code = await Console.$current.withValue(console) { await Program.run(arguments) }
        return CommandResult(code: code, output: output.text, messages: messages.text)
    }
}

extension RootCommand {
    /// The names of all commands.
    static var names: [String] {
        configuration.subcommands.map { $0._commandName }
    }
}
