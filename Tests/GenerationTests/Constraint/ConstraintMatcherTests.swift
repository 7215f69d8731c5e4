import ApusModelFiles
import ApusTokenization
import Foundation
import Testing

@testable import ApusGeneration

/// Vocabularies of different kinds, the last token of each ending the text.
enum TestVocabulary: String, CaseIterable, Sendable {
    /// One token for each byte.
    case bytes
    /// Bytes, and pieces of text cut anywhere, also within characters.
    case cut
    /// Whole characters and words with their space before, bytes for the rest.
    case words
    /// Byte-level BPE with GPT-2's merges, from the tokenizers' tests.
    case gpt2
    /// SentencePiece with byte tokens, from the tokenizers' tests.
    case llama

    private static let text = """
        {"name": "Ann", "age": 5, "list": [1, 2.5, true, false, null], "é": "日本語 😀 naïve"}
        "ab": {"x y":-12},"q\\"":[{"a":"abc"}],"日":"yes" no \\u00e9\\n ]}]},"a":[["x"]]
        """

    static let tries: [TestVocabulary: TokenTrie] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0, TokenTrie($0.pieces)) })

    var trie: TokenTrie { Self.tries[self] ?? TokenTrie([]) }
    var end: TokenID { TokenID(trie.vocabulary - 1) }

    private var pieces: [[UInt8]] {
        let bytes = (UInt8(0)...255).map { [$0] }
        let text = Array(Self.text.utf8)
        switch self {
        case .bytes: return bytes + [[]]
        case .cut:
            var pieces: Set<[UInt8]> = []
            for length in 2...9 {
                for start in stride(from: length % 3, to: text.count - length, by: 2) {
                    pieces.insert(Array(text[start..<start + length]))
                }
            }
            return bytes + pieces.sorted { $0.lexicographicallyPrecedes($1) } + [[]]
        case .words:
            var pieces: Set<[UInt8]> = []
            for word in Self.text.split(whereSeparator: \.isWhitespace) {
                pieces.insert(Array(word.utf8))
                pieces.insert([0x20] + Array(word.utf8))
            }
            for character in Self.text { pieces.insert(Array(String(character).utf8)) }
            return bytes + pieces.sorted { $0.lexicographicallyPrecedes($1) } + [[]]
        case .gpt2, .llama:
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../TokenizationTests/Core/Fixtures/vocabularies.json")
            guard let data = try? Data(contentsOf: file), let all = try? JSON(parsing: Array(data)) else {
                return bytes
            }
            let tokens = (all[rawValue]?["tokens"]?.arrayValue ?? []).compactMap(\.stringValue)
            return tokens.map { self == .gpt2 ? Self.unprintable($0) : Self.unspelled($0) } + [[]]
        }
    }

    /// From GPT-2's alphabet for bytes.
    private static func unprintable(_ token: String) -> [UInt8] {
        let printable = Array(33...126) + Array(161...172) + Array(174...255)
        let others = (0..<256).filter { !printable.contains($0) }
        return token.unicodeScalars.compactMap { scalar in
            let value = Int(scalar.value)
            if printable.contains(value) { return UInt8(value) }
            return value >= 256 && value < 256 + others.count ? UInt8(others[value - 256]) : nil
        }
    }

    private static func unspelled(_ token: String) -> [UInt8] {
        if token.hasPrefix("<0x"), let byte = UInt8(token.dropFirst(3).prefix(2), radix: 16) { return [byte] }
        if token.hasPrefix("<") && token.hasSuffix(">") { return [] }
        return Array(token.replacing("▁", with: " ").utf8)
    }
}

extension TokenTrie {
    convenience init(_ pieces: [[UInt8]]) {
        self.init(vocabulary: pieces.count) { Int($0) < pieces.count ? pieces[Int($0)] : [] }
    }
}

@Suite("Constraints over tokens")
struct ConstraintMatcherTests {
    /// Nil for a schema that nothing fits, as some random ones are.
    private static func constraint(_ schema: JSON) throws -> Constraint? {
        do { return try Constraint.jsonSchema(schema) } catch ConstraintError.unsatisfiable { return nil }
    }

    @Test("A mask is what trying every token byte by byte gives", arguments: TestVocabulary.allCases, 0..<24)
    func masks(_ vocabulary: TestVocabulary, seed: Int) throws {
        var random = RandomSchemas(seed: UInt64(seed))
        let schema: JSON = seed == 0 ? true : random.schema()
        guard let constraint = try Self.constraint(schema) else { return }
        let trie = vocabulary.trie
        let matcher = try ConstraintMatcher(constraint, trie, ends: [vocabulary.end])
        var stacks = GrammarStacks(constraint.grammar)
        var place = stacks.start()
        for _ in 0..<30 where !matcher.isOver {
            let mask = try matcher.mask()
            var expected = TokenMask(vocabulary: trie.vocabulary)
            for id in 0..<TokenID(trie.vocabulary) {
                let bytes = trie.bytes(of: id)
                guard !bytes.isEmpty else { continue }
                var next = place
                for byte in bytes where next != GrammarStacks.nowhere { next = stacks.step(next, byte) }
                if next != GrammarStacks.nowhere { expected[id] = true }
            }
            if matcher.isComplete { expected[vocabulary.end] = true }
            let same = mask == expected
            #expect(same, "\(schema)")
            guard same else { return }
            let allowed = (0..<TokenID(trie.vocabulary)).filter { mask[$0] && $0 != vocabulary.end }
            guard !allowed.isEmpty else { return }
            let token = allowed[random.below(allowed.count)]
            try matcher.accept(token)
            for byte in trie.bytes(of: token) { place = stacks.step(place, byte) }
        }
    }

    @Test(
        "Random tokens that the mask allows make texts that parse and fit", arguments: TestVocabulary.allCases, 0..<40)
    func texts(_ vocabulary: TestVocabulary, seed: Int) throws {
        var random = RandomSchemas(seed: UInt64(1000 + seed))
        let schema = random.schema()
        guard let constraint = try Self.constraint(schema) else { return }
        let validator = SchemaValidator(root: schema)
        let trie = vocabulary.trie
        var finished = 0
        for _ in 0..<4 {
            let matcher = try ConstraintMatcher(constraint, trie, ends: [vocabulary.end])
            var text: [UInt8] = []
            var isFinished = false
            for step in 0..<1_000 {
                let mask = try matcher.mask()
                var allowed = (0..<TokenID(trie.vocabulary)).filter { mask[$0] }
                if allowed.contains(vocabulary.end), step > 20 || random.below(3) == 0 {
                    isFinished = true
                    break
                }
                allowed.removeAll { $0 == vocabulary.end }
                // Texts without a limit have to end at some time.
                if step > 40 {
                    let ending = allowed.filter { token in
                        let bytes = trie.bytes(of: token)
                        return bytes.elementsEqual([0x22]) || bytes.elementsEqual([0x7D]) || bytes.elementsEqual([0x5D])
                    }
                    if !ending.isEmpty { allowed = ending }
                }
                guard !allowed.isEmpty else { break }
                let token = allowed[random.below(allowed.count)]
                text += trie.bytes(of: token)
                try matcher.accept(token)
                if matcher.isOver {
                    isFinished = true
                    break
                }
            }
            guard isFinished else { continue }
            finished += 1
            let shown = String(decoding: text, as: UTF8.self)
            #expect(constraint.takes(text))
            do {
                let value = try JSON(parsing: text)
                #expect(validator.fits(value), "\(schema) \(shown)")
            } catch { Issue.record("\(error): \(shown)") }
        }
        #expect(finished > 0, "\(schema)")
    }

    @Test(
        "A text that a schema takes is let through token by token, however it is cut",
        arguments: TestVocabulary.allCases)
    func acceptance(_ vocabulary: TestVocabulary) throws {
        var random = RandomSchemas(seed: 5)
        let trie = vocabulary.trie
        let tokens = (0..<TokenID(trie.vocabulary)).map { ($0, Array(trie.bytes(of: $0))) }.filter { !$0.1.isEmpty }
        for test in SchemaAcceptanceTests.cases {
            let constraint = try Constraint.jsonSchema(test.schema)
            for text in test.own {
                let matcher = try ConstraintMatcher(constraint, trie, ends: [vocabulary.end])
                var rest = Array(text.utf8)[...]
                while !rest.isEmpty {
                    let fitting = tokens.filter { rest.starts(with: $0.1) }
                    let (id, bytes) = try #require(fitting.isEmpty ? nil : fitting[random.below(fitting.count)])
                    #expect(try matcher.mask()[id])
                    try matcher.accept(id)
                    rest = rest.dropFirst(bytes.count)
                }
                #expect(matcher.isComplete)
                if !matcher.isOver { #expect(try matcher.mask()[vocabulary.end]) }
            }
        }
    }

    @Test("A vocabulary that can't go on is an error that shows the text")
    func vocabulary() throws {
        let trie = TokenTrie(["{", "\"", "a", "}"].map { Array($0.utf8) })
        let constraint = try Constraint.jsonSchema(["type": "object", "properties": ["ab": true], "required": ["ab"]])
        let matcher = try ConstraintMatcher(constraint, trie, ends: [])
        for token: TokenID in 0..<3 {
            #expect(try matcher.mask()[token])
            try matcher.accept(token)
        }
        #expect(throws: ConstraintError.noToken(after: "{\"a")) { try matcher.mask() }
    }

    @Test("What is remembered is forgotten in time, and nothing else changes")
    func forgetting() throws {
        let constraint = try Constraint.jsonSchema(["type": "array", "items": ["type": "string", "maxLength": 200]])
        let matcher = try ConstraintMatcher(constraint, TestVocabulary.bytes.trie, ends: [256])
        var stacks = GrammarStacks(constraint.grammar)
        var place = stacks.start()
        let text = "[" + String(repeating: "\"" + String(repeating: "é", count: 200) + "\",", count: 3)
        for byte in text.utf8 {
            place = stacks.step(place, byte)
            place = stacks.forget(allBut: place)
            try matcher.accept(TokenID(byte))
        }
        #expect(place != GrammarStacks.nowhere)
        #expect(try !matcher.mask()[TokenID(UInt8(ascii: "]"))])
        #expect(try matcher.mask()[TokenID(UInt8(ascii: "\""))])
    }
}
