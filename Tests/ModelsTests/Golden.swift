import ApusModelFiles
import ApusModels
import ApusTensors
import Testing

/// What transformers computed with one of the small random models in `Fixtures`.
struct Golden {
    struct Prompt {
        let tokens: [Int32]
        let positions: [Int]
        /// Rows of ``logits`` for the positions.
        let rows: Range<Int>
        /// The context that rotary frequencies were computed for, where that matters.
        let context: Int?
    }

    let folder: String
    let vocabulary: Int
    let prompts: [Prompt]
    let perplexityTokens: [Int32]
    let perplexityContext: Int
    let windows: [Perplexity.Window]
    private let logits: [Float]

    static let fixtures = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures"

    init(_ name: String) throws {
        folder = Self.fixtures + "/" + name
        let golden = try JSON(parsing: Self.read(folder + "/golden.json"))
        vocabulary = try #require(golden["vocabulary"]?.intValue)
        prompts = try #require(golden["prompts"]?.arrayValue).map { prompt in
            let positions = try Self.integers(prompt["positions"])
            let row = try #require(prompt["row"]?.intValue)
            return Prompt(
                tokens: try Self.integers(prompt["tokens"]).map(Int32.init), positions: positions,
                rows: row..<row + positions.count, context: prompt["context"]?.intValue)
        }
        let perplexity = try #require(golden["perplexity"])
        perplexityTokens = try Self.integers(perplexity["tokens"]).map(Int32.init)
        perplexityContext = try #require(perplexity["context"]?.intValue)
        windows = try #require(perplexity["windows"]?.arrayValue).map {
            Perplexity.Window(nll: try #require($0["nll"]?.doubleValue), tokens: try #require($0["tokens"]?.intValue))
        }
        logits = try Self.read(folder + "/logits.f32").withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    /// Expected logits of a prompt's positions, in turn.
    func expected(_ prompt: Prompt) -> [ArraySlice<Float>] {
        prompt.rows.map { logits[$0 * vocabulary..<($0 + 1) * vocabulary] }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let mapping = try FileMapping(path: path)
        return withExtendedLifetime(mapping) { Array(mapping.bytes) }
    }

    private static func integers(_ value: JSON?) throws -> [Int] {
        try #require(value?.arrayValue).map { try #require($0.intValue) }
    }
}

/// The largest difference, relative to the largest expected magnitude.
func relativeError(_ got: some Collection<Float>, _ expected: some Collection<Float>) -> Float {
    let largest = expected.map(\.magnitude).max() ?? 0
    let difference = zip(got, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    return got.contains(where: \.isNaN) ? .infinity : difference / largest
}
