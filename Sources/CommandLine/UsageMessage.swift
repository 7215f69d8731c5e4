import ArgumentParser

/// What a user reads after a command line that is wrong: what is wrong, then the right usage, in the user's language.
///
/// The parser's own texts are English; those that users meet are put into Chinese here.
enum UsageMessage {
    /// - Parameters:
    ///   - command: the command that was found, where the parser went on to run it.
    static func text(
        for error: any Error, command: (any ParsableCommand.Type)?, arguments: [String], words: Messages
    ) -> String {
        var text = RootCommand.fullMessage(for: error)
        if let command, let name = command.configuration.commandName {
            // The parser does not remember which command ran, and would show the usage of the program.
            text = command.fullMessage(for: error)
                .replacing("Usage: \(name)", with: "Usage: apus \(name)").replacing(
                    "'\(name) -", with: "'apus \(name) -")
        }
        if text.hasPrefix("Error: ") { text = String(text.dropFirst("Error: ".count)) }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if let first = arguments.first, command == nil, lines.first == "Unexpected argument '\(first)'" {
            lines[0] = words.noSuchCommand(first)
        } else if let first = lines.first, let option = first.wholeMatch(of: #/Missing value for '(-[^ ']*).*/#)?.1,
            let position = arguments.firstIndex(of: String(option)), position + 1 < arguments.count,
            arguments[position + 1].hasPrefix("-"), Double(arguments[position + 1]) != nil
        {
            lines[0] = first + words.negativeNumber("\(option)=\(arguments[position + 1])")
        }
        return "apus: "
            + lines.map { words.language == .chinese ? ChineseErrors.translated(chinese($0)) : $0 }.joined(
                separator: "\n")
    }

    private static func chinese(_ line: String) -> String {
        line.replacing(#/^Unknown option '([^']*)'\.?/#) { "未知选项 '\($0.1)'。" }
            .replacing(#/Did you mean '([^']*)'\?/#) { "是不是想用 '\($0.1)'？" }
            .replacing(#/^Missing value for '([^']*)'/#) { "'\($0.1)' 缺少值" }
            .replacing(#/^Missing expected argument '([^']*)'/#) { "缺少参数 '\($0.1)'" }
            .replacing(#/^The value '([^']*)' is invalid for '([^']*)'/#) { "'\($0.2)' 的值 '\($0.1)' 无效" }
            .replacing(#/Please provide one of (.*)\.$/#) { "可用的值：\($0.1)。" }
            .replacing(#/^Unexpected argument '([^']*)'/#) { "多余的参数 '\($0.1)'" }
            .replacing(#/^\d+ unexpected arguments: (.*)/#) { "多余的参数 \($0.1)" }
            .replacing(#/^Usage: /#) { _ in "用法：" }.replacing(#/^Help: +/#) { _ in "说明：" }
            .replacing(#/^  See '([^']*)' for more information\.$/#) { "  详见 '\($0.1)'。" }
    }
}
