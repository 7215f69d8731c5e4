import ApusModelFiles
import ApusModels
import ApusTokenization
import Foundation
import Testing

@testable import ApusGeneration

@Suite("Constrained generation")
struct ConstrainedGenerationTests {
    private static let schema: JSON = [
        "type": "object",
        "properties": [
            "title": ["type": "string", "maxLength": 24],
            "kind": ["enum": ["story", "poem", "letter"]],
            "year": ["type": "integer", "minimum": 1700, "maximum": 2030],
            "people": [
                "type": "array", "maxItems": 3,
                "items": [
                    "type": "object", "properties": ["name": ["type": "string", "pattern": "^[A-Z][a-z]{1,9}$"]],
                    "required": ["name"], "additionalProperties": false,
                ],
            ],
            "read": ["type": "boolean"],
        ],
        "required": ["title", "kind", "year"], "additionalProperties": false,
    ]

    private func options(_ change: (inout GenerationOptions) throws -> Void = { _ in }) throws -> GenerationOptions {
        var options = GenerationOptions()
        options.constraint = try .jsonSchema(Self.schema)
        options.sampling.seed = 3
        options.sampling.temperature = 1
        options.maxTokens = 400
        try change(&options)
        return options
    }

    private func expectFitting(_ text: GeneratedText) throws {
        #expect(text.finishReason == .stop, "\(text.text)")
        let value = try JSON(parsing: text.text)
        #expect(SchemaValidator(root: Self.schema).fits(value), "\(text.text)")
    }

    /// The model that comes with Apus.
    private static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Sources/Apus/Resources/apus-primer.gguf").standardized.path

    @Test("A random model writes what the schema says", arguments: 0..<8)
    func random(seed: Int) async throws {
        let model = try TinyModel.load(context: 1_000)
        let texts = try await model.generate("Once", try options { $0.sampling.seed = UInt64(seed) }).collect()
        try expectFitting(texts[0])
    }

    @Test("The model that comes with Apus writes what the schema says", arguments: [0, 0.7, 1.5])
    func shipped(temperature: Double) async throws {
        let model = try LocalModel(path: Self.shipped)
        let texts = try await model.generate(
            "A book: ",
            try options {
                $0.sampling.temperature = temperature
                $0.choices = temperature == 0 ? 1 : 3
                $0.sampling.logprobs = 1
            }
        ).collect()
        for text in texts {
            try expectFitting(text)
            #expect(text.tokens.allSatisfy { $0.logprob != nil })
            #expect(text.tokens.flatMap(\.bytes).elementsEqual(text.text.utf8))
        }
    }

    @Test("Guesses change no byte of a constrained text", arguments: [(0, 1), (1, 1), (1, 2)], [1, 3, 8])
    func speculation(how: (temperature: Double, choices: Int), count: Int) async throws {
        let model = try TinyModel.load(context: 1_000, prefixBytes: 0)
        let own = { (options: inout GenerationOptions) in
            options.sampling.temperature = how.temperature
            options.choices = how.choices
            options.sampling.logprobs = 2
        }
        let prompt = #"{"title":"ababab","kind":"story","year":1999} {"title":"abab"#
        let plain = try await model.generate(
            prompt,
            try options {
                own(&$0)
                $0.speculation = .off
            }
        ).collect()
        let guessed = try model.generate(
            prompt,
            try options {
                own(&$0)
                $0.speculation.fixedCount = count
            })
        let texts = try await guessed.collect()
        #expect(texts.map(\.tokens) == plain.map(\.tokens))
        #expect(texts.map(\.text) == plain.map(\.text))
        #expect(texts.map(\.finishReason) == plain.map(\.finishReason))
        #expect(guessed.statistics.draftedTokens > 0)
        for text in texts { try expectFitting(text) }
    }

    @Test("A text that is cut off by its length says so")
    func length() async throws {
        let model = try TinyModel.load()
        let text = try await model.generate("Once", try options { $0.maxTokens = 12 }).collect()[0]
        #expect(text.finishReason == .length)
        #expect(text.tokens.count == 12)
        #expect(text.text.hasPrefix("{\""))
    }

    @Test("The last token that fits ends the text, not its length")
    func exact() async throws {
        let model = try TinyModel.load()
        let text = try await model.generate(
            "Once",
            try options {
                $0.constraint = try .jsonSchema(["const": "abc"])
                $0.maxTokens = 5
            }
        ).collect()[0]
        #expect(text.text == "\"abc\"")
        #expect(text.finishReason == .stop)
        #expect(text.tokens.count == 5)
    }

    @Test("Where more could follow, the end token ends the text")
    func endToken() async throws {
        let model = try TinyModel.load()
        let text = try await model.generate(
            "Once",
            try options {
                $0.constraint = try .jsonSchema(["type": "integer"])
                $0.sampling.logitBias[TinyModel.endID] = 100
            }
        ).collect()[0]
        #expect(text.finishReason == .stop)
        #expect(text.tokens.count <= 2)
        #expect(Int(text.text) != nil)
    }

    @Test("A stop string ends a constrained text as any other")
    func stops() async throws {
        let model = try TinyModel.load()
        let text = try await model.generate("Once", try options { $0.stops = ["\"kind\""] }).collect()[0]
        #expect(text.finishReason == .stop)
        #expect(text.text.hasPrefix("{\"title\":"))
        #expect(!text.text.contains("kind"))
    }

    @Test("Filters and penalties choose among what the schema allows", arguments: 0..<5)
    func filters(kind: Int) async throws {
        let model = try TinyModel.load(context: 1_000)
        let texts = try await model.generate(
            "Once",
            try options {
                switch kind {
                case 0: $0.sampling.topK = 3
                case 1: ($0.sampling.topP, $0.sampling.minP) = (0.5, 0.1)
                case 2: $0.sampling.typicalP = 0.5
                case 3: $0.sampling.mirostat = MirostatOptions(tau: 2)
                default: ($0.sampling.repeatPenalty, $0.sampling.frequencyPenalty) = (1.5, 0.5)
                }
            }
        ).collect()
        try expectFitting(texts[0])
    }

    @Test("Going on after end tokens contradicts a constraint")
    func ignoringEnd() throws {
        let model = try TinyModel.load()
        #expect(throws: ConstraintError.self) { try model.generate("Once", try options { $0.ignoresEnd = true }) }
    }

    @Test("A bias that excludes all that fits is an error")
    func bias() async throws {
        let model = try TinyModel.load()
        let generation = try model.generate(
            "Once",
            try options {
                $0.constraint = try .jsonSchema(["const": true])
                $0.sampling.logitBias[TokenID(UInt8(ascii: "t"))] = -.infinity
            })
        await #expect(throws: SamplingError.nothingAllowed) { try await generation.collect() }
    }
}
