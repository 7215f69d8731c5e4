import ApusTensors
import Glibc
import Testing

@Suite("Attention over a cache")
struct AttentionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var heads = 4
        var kvHeads = 2
        var dim = 24
        var window: Int?
        var softcap: Float?
        var slopes: [Float]?
        var testDescription: String {
            "\(heads)/\(kvHeads) heads of \(dim), window \(window ?? 0), cap \(softcap ?? 0)"
        }
    }

    static let cases = [
        Case(), Case(heads: 1, kvHeads: 1, dim: 8), Case(heads: 8, kvHeads: 1, dim: 16), Case(window: 5),
        Case(window: 40), Case(softcap: 3), Case(slopes: [0.5, 0.25, 0.125, 0.0625]),
        Case(heads: 3, kvHeads: 3, dim: 128, window: 33, softcap: 10),
    ]

    private func random(_ shape: [Int], _ seed: UInt64) throws -> Tensor {
        var state = seed
        return try Tensor(
            (0..<shape.reduce(1, *)).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(state >> 40) / Float(1 << 22) - 2
            }, shape: shape)
    }

    @Test("It is the softmax of the scores that a row may see, times the values", arguments: cases)
    func againstFormula(_ test: Case) throws {
        let rows = 75
        let scale = 1 / Float(test.dim).squareRoot()
        let q = try random([rows, test.heads * test.dim], 1)
        let k = try random([rows, test.kvHeads * test.dim], 2)
        let v = try random([rows, test.kvHeads * test.dim], 3)
        let layout = KVLayout(layers: [.init(heads: test.kvHeads, keyDim: test.dim, valueDim: test.dim)], dtype: .f32)
        let blocks = (0..<3).map { _ in KVBlock(layout) }
        let rule = AttentionRule(scale: scale, window: test.window, softcap: test.softcap, alibiSlopes: test.slopes)
        let got = q.attention(
            keys: k, values: v, segments: [AttentionSegment(rows: 0..<rows, start: 0, blocks: blocks)], layout: layout,
            layer: 0, rule: rule
        ).toArray()

        let (qs, ks, vs) = (q.toArray(), k.toArray(), v.toArray())
        let group = test.heads / test.kvHeads
        for row in 0..<rows {
            for head in 0..<test.heads {
                let first = max(0, row - (test.window ?? rows) + 1)
                let scores = (first...row).map { position -> Double in
                    var score = 0.0
                    for d in 0..<test.dim {
                        score +=
                            Double(qs[(row * test.heads + head) * test.dim + d])
                            * Double(ks[(position * test.kvHeads + head / group) * test.dim + d])
                    }
                    score *= Double(scale)
                    if let cap = test.softcap { score = Double(cap) * tanh(score / Double(cap)) }
                    if let slopes = test.slopes { score += Double(slopes[head]) * Double(position - row) }
                    return score
                }
                let top = scores.max() ?? 0
                let sum = scores.reduce(0) { $0 + exp($1 - top) }
                for d in 0..<test.dim {
                    let expected = zip(first...row, scores).reduce(0.0) { total, pair in
                        total + exp(pair.1 - top) / sum
                            * Double(vs[(pair.0 * test.kvHeads + head / group) * test.dim + d])
                    }
                    let value = Double(got[(row * test.heads + head) * test.dim + d])
                    #expect((value - expected).magnitude < 5e-6)
                }
            }
        }
    }
}
