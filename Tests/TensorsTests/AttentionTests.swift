import ApusTensors
import Glibc
import Synchronization
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
        var rows = 75
        var dtype = DType.f32
        /// The largest error that the cache's type may cause.
        var tolerance: Double { dtype == .f32 ? 5e-6 : dtype == .f16 ? 2e-3 : 3e-2 }
        var layout: KVLayout {
            KVLayout(layers: [.init(heads: kvHeads, keyDim: dim, valueDim: dim)], dtype: dtype)
        }
        var rule: AttentionRule {
            AttentionRule(scale: 1 / Float(dim).squareRoot(), window: window, softcap: softcap, alibiSlopes: slopes)
        }
        var testDescription: String {
            "\(heads)/\(kvHeads) heads of \(dim), window \(window ?? 0), cap \(softcap ?? 0), "
                + "\(slopes == nil ? "no " : "")slopes, \(rows) rows, \(dtype)"
        }
    }

    static let cases = [
        Case(), Case(heads: 1, kvHeads: 1, dim: 8), Case(heads: 8, kvHeads: 1, dim: 16), Case(window: 5),
        Case(window: 40), Case(softcap: 3), Case(slopes: [0.5, 0.25, 0.125, 0.0625]),
        Case(heads: 3, kvHeads: 3, dim: 128, window: 33, softcap: 10), Case(rows: 1100), Case(window: 600, rows: 1100),
        Case(heads: 7, kvHeads: 1, dim: 80, dtype: .f16), Case(dim: 64, window: 9, dtype: .f16),
        Case(heads: 8, kvHeads: 2, dim: 48, rows: 600, dtype: .q8_0), Case(dim: 40, softcap: 5, dtype: .q8_0),
        Case(heads: 2, kvHeads: 1, dim: 512, dtype: .f16), Case(heads: 130, kvHeads: 1, dim: 128, rows: 40),
    ]

    static let longCases = [
        Case(heads: 2, kvHeads: 1, dim: 16, rows: 4096), Case(heads: 1, kvHeads: 1, dim: 24, rows: 4096, dtype: .f16),
        Case(heads: 3, kvHeads: 1, dim: 32, rows: 1500, dtype: .q8_0),
        Case(heads: 2, kvHeads: 2, dim: 8, window: 700, rows: 4096),
        Case(heads: 2, kvHeads: 1, dim: 8, softcap: 2, rows: 2000, dtype: .f16),
        Case(heads: 4, kvHeads: 2, dim: 16, slopes: [0.5, 0.25, 0.125, 0.0625], rows: 2000),
        Case(heads: 8, kvHeads: 1, dim: 64, window: 40, softcap: 20, rows: 300, dtype: .f16),
    ]

    /// Attention over rows of one sequence, cut into calls of the given sizes, again and again; with `beside`, rows of
    /// another sequence share each call.
    private func inCalls(
        _ test: Case, of sizes: [Int], q: Tensor, k: Tensor, v: Tensor, beside: Bool = false
    ) throws -> [Float] {
        let blocks = (0..<(test.rows + 31) / 32).map { _ in KVBlock(test.layout) }
        let others = (0..<(test.rows + 31) / 32).map { _ in KVBlock(test.layout) }
        var result: [Float] = []
        var start = 0
        var call = 0
        while start < test.rows {
            let count = min(sizes[call % sizes.count], test.rows - start)
            let rows = start..<start + count
            func part(_ x: Tensor) throws -> Tensor {
                let own = try x.slice(rows)
                return beside
                    ? try Tensor(own.scaled(by: 0.5).toArray() + own.toArray(), shape: [2 * count, x.columns]) : own
            }
            let own = beside ? count..<2 * count : 0..<count
            var segments = [AttentionSegment(rows: own, start: start, blocks: blocks)]
            if beside { segments.insert(AttentionSegment(rows: 0..<count, start: start, blocks: others), at: 0) }
            let mixed = try part(q).attention(
                keys: part(k), values: part(v), segments: segments, layout: test.layout, layer: 0, rule: test.rule)
            result += try mixed.slice(own).toArray()
            start += count
            call += 1
        }
        return result
    }

    @Test("Whole, in chunks, token by token and beside another sequence, the bits are the same", arguments: longCases)
    func sameBits(_ test: Case) throws {
        let q = try random([test.rows, test.heads * test.dim], 1)
        let k = try random([test.rows, test.kvHeads * test.dim], 2)
        let v = try random([test.rows, test.kvHeads * test.dim], 3)
        let whole = try inCalls(test, of: [test.rows], q: q, k: k, v: v).map(\.bitPattern)
        func bits(_ sizes: [Int], beside: Bool = false) throws -> [UInt32] {
            try inCalls(test, of: sizes, q: q, k: k, v: v, beside: beside).map(\.bitPattern)
        }
        #expect(try bits([1]) == whole)
        #expect(try bits([3, 129, 64]) == whole)
        #expect(try bits([511, 1, 2], beside: true) == whole)
        // Inside a task of the pool there is one thread.
        let alone = Mutex<[UInt32]>([])
        WorkerPool.shared.run(tasks: 2) { task in
            guard task == 0, let bits = try? inCalls(test, of: [1000, 7], q: q, k: k, v: v) else { return }
            alone.withLock { $0 = bits.map(\.bitPattern) }
        }
        #expect(alone.withLock { $0 } == whole)
    }

    @Test("A cache of 8 bits takes 34 bytes for 32 values, one of half precision 64")
    func bytesPerPosition() {
        func bytes(_ dtype: DType) -> Int {
            KVLayout(layers: [.init(heads: 4, keyDim: 64, valueDim: 64)], dtype: dtype).bytesPerPosition
        }
        #expect(bytes(.f32) == 2048 && bytes(.f16) == 1024 && bytes(.q8_0) == 544)
    }

    @Test("What is not a number is not hidden by the cache", arguments: KVLayout.dtypes)
    func notANumber(_ dtype: DType) throws {
        let test = Case(heads: 1, kvHeads: 1, dim: 32, rows: 40, dtype: dtype)
        var values = try random([40, 32], 3).toArray()
        values[20 * 32 + 5] = .nan
        let q = try random([40, 32], 1)
        let got = try inCalls(test, of: [40], q: q, k: q, v: Tensor(values, shape: [40, 32]))
        let before = got[19 * 32..<20 * 32].allSatisfy { $0.isFinite }
        #expect(before)
        #expect(got[20 * 32 + 5].isNaN && got[39 * 32 + 5].isNaN)
    }

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
        let rows = test.rows
        let scale = test.rule.scale
        let q = try random([rows, test.heads * test.dim], 1)
        let k = try random([rows, test.kvHeads * test.dim], 2)
        let v = try random([rows, test.kvHeads * test.dim], 3)
        let got = try inCalls(test, of: [rows], q: q, k: k, v: v)

        let (qs, ks, vs) = (q.toArray(), k.toArray(), v.toArray())
        let group = test.heads / test.kvHeads
        var wrong = 0
        for row in stride(from: 0, to: rows, by: rows > 200 ? 7 : 1) {
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
                    if !((value - expected).magnitude < test.tolerance) { wrong += 1 }
                }
            }
        }
        #expect(wrong == 0)
    }
}
