import Testing

@testable import ApusModelFiles

@Suite("Recommended sampling")
struct RecommendedSamplingTests {
    @Test(
        "Folders say it, GGUF carries it, and it comes back the same",
        arguments: [
            #"{"temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0.1, "repetition_penalty": 1.05, "do_sample": true}"#,
            #"{"top_p": 0.9, "do_sample": true}"#, #"{"do_sample": false}"#, "{}",
        ])
    func roundTrip(text: String) throws {
        let said = RecommendedSampling(generationConfig: try JSON(parsing: text))
        var metadata = GGUFMetadata(file: "m.gguf")
        for (key, value) in said.metadata { _ = metadata.append(key, value) }
        let read = try RecommendedSampling(metadata)
        #expect(read == said)
        #expect(JSON.object(read.generationConfig) == (try JSON(parsing: text)))
    }

    @Test("Without sampling the temperature is 0, whatever else is said")
    func greedy() throws {
        let said = RecommendedSampling(
            generationConfig: try JSON(parsing: #"{"temperature": 0.7, "do_sample": false}"#))
        #expect(said.temperature == 0)
    }
}
