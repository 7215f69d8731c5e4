import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite struct RegexTests {
    @Test("Scanners cut random text exactly as the engine does", arguments: [RegexDialect.oniguruma, .rust])
    func scanners(dialect: RegexDialect) throws {
        for (index, pattern) in WordScanner.known.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }).enumerated() {
            // `$` is at line ends in Ruby's syntax: those patterns are tiktoken's.
            if dialect == .oniguruma, pattern.contains(UInt8(ascii: "$")) { continue }
            try compare(pattern, dialect, seed: UInt64(index))
        }
    }

    @Test(
        "Scanners for llama.cpp's patterns cut as the engine does", arguments: GGUFPreTokenizer.all.flatMap(\.patterns))
    func llamaCppScanners(pattern: String) throws {
        guard pattern != GGUFPreTokenizer.digitGroups else { return }
        let regex = try TokenizerRegex(pattern, dialect: .llamaCpp)
        if regex.scanner != nil { try compare(Array(pattern.utf8), .llamaCpp, seed: 9) }
    }

    private func compare(_ pattern: [UInt8], _ dialect: RegexDialect, seed: UInt64) throws {
        let quick = RegexSplitter([try TokenizerRegex(pattern, dialect: dialect)])
        let slow = RegexSplitter([try TokenizerRegex(pattern, dialect: dialect, usesScanner: false)])
        var chance = Chance(state: seed)
        for round in 0..<300 {
            let text = chance.text(of: round % 60 + 1, valid: round % 5 != 0)
            let (a, b) = text.withUnsafeBufferPointer { text in
                var a: [Int] = []
                var b: [Int] = []
                quick.cut(text, from: 0, limit: .max, ends: &a)
                slow.cut(text, from: 0, limit: .max, ends: &b)
                return (a, b)
            }
            #expect(a == b, "\(String(decoding: pattern, as: UTF8.self)): \(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test("Cutting by the batch is cutting at once")
    func batches() throws {
        let regexes = try GGUFPreTokenizer.named("deepseek-v3")?.splitter()
        let splitter = try #require(regexes)
        var chance = Chance(state: 1)
        let text = chance.text(of: 4000)
        text.withUnsafeBufferPointer { text in
            var whole: [Int] = []
            splitter.cut(text, from: 0, limit: .max, ends: &whole)
            var parts: [Int] = []
            while (parts.last ?? 0) < text.count { splitter.cut(text, from: parts.last ?? 0, limit: 7, ends: &parts) }
            #expect(whole == parts)
            #expect(whole.last == text.count)
        }
    }

    @Test("Patterns match as in Oniguruma")
    func oniguruma() throws {
        let fixture = try CoreFixture.json("oniguruma.json")
        let cases = fixture.at("cases").list.map(CoreFixture.hex)
        for (pattern, expected) in zip(fixture.at("patterns").list, fixture.at("spans").list) {
            let splitter = RegexSplitter([try TokenizerRegex(pattern.stringValue ?? "", dialect: .oniguruma)])
            for (text, spans) in zip(cases, expected.list) {
                var ends: [Int] = []
                text.withUnsafeBufferPointer { splitter.cut($0, from: 0, limit: .max, ends: &ends) }
                // The fixture counts characters.
                let characters = ends.map { text[..<$0].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 } }
                let wanted = spans.list.compactMap { $0.list.last?.intValue }
                #expect(characters == wanted, "\(pattern): \(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    @Test(
        "What is malformed or not known is refused",
        arguments: [
            "(", ")", "[a", "a{2,1}", "*a", "\\", "(?<n", "\\1", "(?(1)a|b)", "\\p{Nonsense}", "a{100001}", "(?<=a*)b",
            "\\g<1>",
        ])
    func refused(pattern: String) {
        #expect(throws: RegexError.self) { try TokenizerRegex(pattern, dialect: .oniguruma) }
    }

    @Test("Deep nesting and large repetitions end in an error")
    func large() {
        let deep = String(repeating: "(", count: 5000) + String(repeating: ")", count: 5000)
        #expect(throws: RegexError.self) { try TokenizerRegex(deep, dialect: .rust) }
        #expect(throws: RegexError.self) { try TokenizerRegex("(?:(?:(?:ab){1000}){1000}){1000}", dialect: .rust) }
    }

    @Test("A pattern that runs wild gives up")
    func wild() throws {
        let regex = try TokenizerRegex("(?:a*)*(?:a*)*(?:a*)*b", dialect: .rust)
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 200)
        #expect(text.withUnsafeBufferPointer { regex.matches(in: $0) }.isEmpty)
    }
}
