import ApusModelFiles
import Testing

@testable import ApusModels

@Suite("Rotary embeddings of config.json")
struct HuggingFaceRopeTests {
    private func rope(_ text: String, _ layer: String = "full_attention", isPhi3: Bool = false) throws
        -> RotaryEmbedding
    {
        let config = try HuggingFaceConfig(JSON(parsing: text), file: "config.json")
        let p = Parameters(file: config.file) { config[$0] }
        return try RotaryEmbedding(huggingFace: p, layerType: layer, headDim: 8, context: 64, isPhi3: isPhi3)
    }

    @Test(
        "Every generation of files says the same in its way",
        arguments: [
            (#"{"rope_parameters":{"rope_theta":1e4,"rope_type":"default"}}"#, "full_attention", 1e4, 0),
            (#"{"rope_theta":5e5,"rope_scaling":{"rope_type":"linear","factor":8}}"#, "full_attention", 5e5, 8),
            (#"{"rope_theta":5e5,"rope_scaling":{"type":"linear","factor":8}}"#, "full_attention", 5e5, 8),
            (#"{"rope_theta":5e5,"rope_scaling":null}"#, "full_attention", 5e5, 0),
            (#"{"rope_scaling":{"type":"mrope","mrope_section":[1,2,3]}}"#, "full_attention", 1e4, 0),
            (
                #"{"rope_parameters":{"full_attention":{"rope_theta":1e6},"sliding_attention":{"rope_theta":1e3}}}"#,
                "sliding_attention", 1e3, 0
            ),
            (
                #"{"rope_parameters":{"full_attention":{"rope_theta":1e6},"sliding_attention":{"rope_theta":1e4}}}"#,
                "full_attention", 1e6, 0
            ),
            (#"{"text_config":{"rope_theta":7}}"#, "full_attention", 7, 0),
            ("{}", "full_attention", 1e4, 0),
        ] as [(String, String, Double, Double)])
    func forms(text: String, layer: String, base: Double, factor: Double) throws {
        let rope = try rope(text, layer)
        #expect(rope.base == base && rope.dimensions == 8)
        #expect(rope.scaling == (factor == 0 ? .none : .linear(factor: factor)))
    }

    @Test("Longrope has been called su, and by Phi-3 yarn", arguments: ["longrope", "su", "yarn"])
    func longRope(kind: String) throws {
        let text =
            #"{"rope_scaling":{"type":""# + kind + #"","short_factor":[1,1,1,1],"long_factor":[2,2,2,2]},"#
            + #""original_max_position_embeddings":16}"#
        guard case .longRope(let long) = try rope(text, isPhi3: true).scaling else {
            Issue.record("no longrope")
            return
        }
        #expect(long.trainedContext == 16 && long.long == [2, 2, 2, 2])
    }

    @Test("A scaling that is not known is an error, not ignored")
    func unknown() {
        #expect(throws: ModelError.self) { try rope(#"{"rope_scaling":{"rope_type":"new","factor":2}}"#) }
    }
}
