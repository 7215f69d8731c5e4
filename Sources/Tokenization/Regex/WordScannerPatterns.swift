extension WordScanner {
    /// The scanner for a pattern that it knows, by its exact text.
    init?(pattern: [UInt8], dialect: RegexDialect) {
        if dialect == .llamaCpp, let scanner = WordScanner.knownToLlamaCpp(pattern) {
            self = scanner
            return
        }
        guard var scanner = WordScanner.known[pattern] else { return nil }
        // `(?i:` folds Unicode's case in the engines of tokenizers and tiktoken; llama.cpp's scanners fold ASCII's.
        scanner.foldsLongS =
            scanner.endings == .anyCase && dialect != .llamaCpp
            && String(decoding: pattern, as: UTF8.self).contains("(?i")
        scanner.isUnicode15 = dialect == .llamaCpp
        self = scanner
    }

    /// Patterns, as texts, and the rules that they come to.
    static let known: [[UInt8]: WordScanner] = {
        var result: [[UInt8]: WordScanner] = [:]
        func add(_ patterns: [String], _ scanner: WordScanner) {
            for pattern in patterns { result[Array(pattern.utf8)] = scanner }
        }
        let endings = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
        let spelled = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
        let symbols = #" ?[^\s\p{L}\p{N}]+[\r\n]*"#
        let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#

        add(
            [
                // The pre-tokenizer ByteLevel, GPT-2's own code, tiktoken, llama.cpp.
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
                #"'s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
                #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#,
                #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
            ], WordScanner(prefix: .space, endings: .lowerCase))

        let llama3 = WordScanner(
            prefix: .anyButNewline, endings: .anyCase, digits: 3, newlinesAfterSymbols: true, cutsAtNewlines: true)
        add(
            [endings, spelled].map { #"\#($0)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|\#(symbols)|\#(spaces)"# }, llama3)
        var cl100k = llama3
        cl100k.joinsAtEnd = true
        add(
            [
                #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#
            ], cl100k)

        var qwen2 = llama3
        qwen2.digits = 1
        add([endings, spelled].map { #"\#($0)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|\#(symbols)|\#(spaces)"# }, qwen2)
        qwen2.letters = .marked
        add(
            [endings, spelled].map {
                #"\#($0)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\#(spaces)"#
            }, qwen2)

        // The patterns with case: o200k, Tekken, and what llama.cpp has for them.
        let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
        let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
        let before = #"[^\r\n\p{L}\p{N}]?"#
        let after = #" ?[^\s\p{L}\p{N}]+[\r\n/]*"#
        var cased = WordScanner(
            prefix: .anyButNewline, endings: .anyCase, letters: .cased, digits: 3, newlinesAfterSymbols: true,
            slashesAfterSymbols: true, cutsAtNewlines: true)
        add(
            [endings].map {
                #"\#(before)\#(upper)*\#(lower)+\#($0)?|\#(before)\#(upper)+\#(lower)*\#($0)?|\p{N}{1,3}|\#(after)|\#(spaces)"#
            }, cased)
        cased.endings = .none
        cased.digits = 1
        add([#"\#(before)\#(upper)*\#(lower)+|\#(before)\#(upper)+\#(lower)*|\p{N}|\#(after)|\#(spaces)"#], cased)
        return result
    }()

    /// llama.cpp's forms; apart, as other engines would read some of them otherwise.
    static func knownToLlamaCpp(_ pattern: [UInt8]) -> WordScanner? {
        let upper = #"((?=[\p{L}])([^a-z]))"#
        let lower = #"((?=[\p{L}])([^A-Z]))"#
        let before = #"[^\r\n\p{L}\p{N}]?"#
        let spelled = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
        let tail = #" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        var scanner = WordScanner(
            prefix: .anyButNewline, endings: .anyCase, letters: .casedASCII, digits: 3, newlinesAfterSymbols: true,
            slashesAfterSymbols: true, cutsAtNewlines: true, isUnicode15: true)
        let gpt4o =
            #"\#(before)\#(upper)*\#(lower)+\#(spelled)?|\#(before)\#(upper)+\#(lower)*\#(spelled)?|\p{N}{1,3}|\#(tail)"#
        if pattern.elementsEqual(gpt4o.utf8) { return scanner }
        scanner.endings = .none
        scanner.digits = 1
        let tekken = #"\#(before)\#(upper)*\#(lower)+|\#(before)\#(upper)+\#(lower)*|\p{N}|\#(tail)"#
        if pattern.elementsEqual(tekken.utf8) { return scanner }
        let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#
        if pattern.elementsEqual(gpt2.utf8) {
            return WordScanner(prefix: .space, endings: .lowerCase, isUnicode15: true)
        }
        return nil
    }
}
