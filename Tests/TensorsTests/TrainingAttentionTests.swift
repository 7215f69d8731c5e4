import CKernels
import Glibc
import Testing

@testable import ApusTensors

private typealias Reference = TrainingReference

@Suite("Attention for training")
struct TrainingAttentionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var segments = [20]
        var heads = 2
        var kvHeads = 2
        var keyDim = 8
        var valueDim = 8
        var window: Int?
        var softcap: Float?
        var slopes: [Float]?
        var scale: Float?

        var rows: Int { segments.reduce(0, +) }
        var ranges: [Range<Int>] {
            var first = 0
            return segments.map { count in
                defer { first += count }
                return first..<first + count
            }
        }
        var rule: AttentionRule {
            AttentionRule(
                scale: scale ?? 1 / Float(keyDim).squareRoot(), window: window, softcap: softcap, alibiSlopes: slopes)
        }
        var attention: TrainingAttention {
            TrainingAttention(segments: ranges, heads: heads, kvHeads: kvHeads, rule: rule)
        }
        var testDescription: String {
            "\(segments) rows, \(heads)/\(kvHeads) heads of \(keyDim)/\(valueDim), window \(window ?? 0), "
                + "cap \(softcap ?? 0), \(slopes == nil ? "no " : "")slopes, scale \(rule.scale)"
        }
    }

    static let slopes: [Float] = [0.5, 0.25, 0.125, 0.0625]

    /// Those of make_training_attention.py, in its order.
    static let goldens = [
        Case(segments: [13]), Case(segments: [7, 12], heads: 4, keyDim: 6, valueDim: 5),
        Case(segments: [18], kvHeads: 1, keyDim: 4, window: 5),
        Case(segments: [17], keyDim: 5, valueDim: 4, softcap: 1.5),
        Case(segments: [16], heads: 4, kvHeads: 4, keyDim: 4, valueDim: 4, slopes: slopes),
        Case(
            segments: [5, 1, 15], heads: 4, kvHeads: 1, keyDim: 4, valueDim: 4, window: 6, softcap: 2, slopes: slopes),
    ]

    static let small = [
        Case(segments: [1]), Case(segments: [2, 3], keyDim: 1, valueDim: 1),
        Case(segments: [15], keyDim: 3, valueDim: 5),
        Case(segments: [9], heads: 3, kvHeads: 1, keyDim: 7, valueDim: 17), Case(segments: [16], window: 1),
        Case(segments: [17], kvHeads: 1, window: 3, softcap: 1), Case(segments: [11], softcap: 20),
        Case(segments: [14], heads: 4, slopes: slopes), Case(segments: [8], scale: -0.7),
    ]

    static let large = [
        Case(segments: [70]), Case(segments: [31, 33, 63], heads: 4, keyDim: 16, valueDim: 24),
        Case(segments: [300], heads: 3, kvHeads: 1, keyDim: 65, valueDim: 33),
        Case(segments: [256], keyDim: 64, valueDim: 64),
        Case(segments: [520, 260]), Case(segments: [270], window: 5), Case(segments: [600], window: 40),
        Case(segments: [520], window: 255),
        Case(segments: [530], kvHeads: 1, window: 256), Case(segments: [540], window: 257),
        Case(segments: [570], heads: 4, kvHeads: 1, keyDim: 4, valueDim: 4, window: 271, softcap: 2, slopes: slopes),
        Case(segments: [258], softcap: 3), Case(segments: [100], heads: 4, slopes: slopes),
        Case(segments: [57], heads: 1, kvHeads: 1, keyDim: 512, valueDim: 512),
    ]

    /// A case's tensors, and what Double makes of them.
    private struct Sample {
        let test: Case
        let q: [Float]
        let k: [Float]
        let v: [Float]
        let dout: [Float]

        init(_ test: Case, spread: Float = 1.5) {
            self.test = test
            q = Reference.values(test.rows * test.heads * test.keyDim, spread, seed: 31)
            k = Reference.values(test.rows * test.kvHeads * test.keyDim, spread, seed: 32)
            v = Reference.values(test.rows * test.kvHeads * test.valueDim, spread, seed: 33)
            dout = Reference.values(test.rows * test.heads * test.valueDim, spread, seed: 34)
        }

        struct Outcome {
            var out: [Double]
            var logSums: [Double]
            var dq: [Double]
            var dk: [Double]
            var dv: [Double]
        }

        /// The formulas, row by row.
        func outcome(_ q: [Double], _ k: [Double], _ v: [Double], gradients: Bool = true) -> Outcome {
            let (heads, keyDim, valueDim) = (test.heads, test.keyDim, test.valueDim)
            var o = Outcome(
                out: Array(repeating: 0, count: dout.count), logSums: Array(repeating: 0, count: test.rows * heads),
                dq: Array(repeating: 0, count: q.count), dk: Array(repeating: 0, count: k.count),
                dv: Array(repeating: 0, count: v.count))
            let rule = test.rule
            for segment in test.ranges {
                for row in segment {
                    for head in 0..<heads {
                        let kvHead = head / (heads / test.kvHeads)
                        let first = max(segment.lowerBound, row - (rule.window ?? row + 1) + 1)
                        let qAt = (row * heads + head) * keyDim
                        let outAt = (row * heads + head) * valueDim
                        let keyAt = { (key: Int) in (key * test.kvHeads + kvHead) * keyDim }
                        let valueAt = { (key: Int) in (key * test.kvHeads + kvHead) * valueDim }
                        var slopes: [Double] = []
                        let scores = (first...row).map { key in
                            var s =
                                (0..<keyDim).reduce(0.0) { $0 + q[qAt + $1] * k[keyAt(key) + $1] } * Double(rule.scale)
                            var slope = Double(rule.scale)
                            if let cap = rule.softcap.map(Double.init) {
                                let t = tanh(s / cap)
                                s = cap * t
                                slope *= 1 - t * t
                            }
                            slopes.append(slope)
                            return s + Double(rule.alibiSlopes?[head] ?? 0) * Double(key - row)
                        }
                        let top = scores.max() ?? 0
                        let logSum = top + log(scores.reduce(0) { $0 + exp($1 - top) })
                        o.logSums[row * heads + head] = logSum
                        let p = scores.map { exp($0 - logSum) }
                        for (index, key) in (first...row).enumerated() {
                            for d in 0..<valueDim { o.out[outAt + d] += p[index] * v[valueAt(key) + d] }
                        }
                        guard gradients else { continue }
                        let level = (0..<valueDim).reduce(0.0) { $0 + Double(dout[outAt + $1]) * o.out[outAt + $1] }
                        for (index, key) in (first...row).enumerated() {
                            var dp = 0.0
                            for d in 0..<valueDim {
                                dp += Double(dout[outAt + d]) * v[valueAt(key) + d]
                                o.dv[valueAt(key) + d] += p[index] * Double(dout[outAt + d])
                            }
                            let ds = p[index] * (dp - level) * slopes[index]
                            for d in 0..<keyDim {
                                o.dq[qAt + d] += ds * k[keyAt(key) + d]
                                o.dk[keyAt(key) + d] += ds * q[qAt + d]
                            }
                        }
                    }
                }
            }
            return o
        }

        var expected: Outcome { outcome(Reference.wide(q), Reference.wide(k), Reference.wide(v)) }
    }

    private typealias Got = (out: [Float], logSums: [Float], dq: [Float], dk: [Float], dv: [Float])

    /// The kernels of a table on one sample, head by head, as TrainingAttention calls them.
    private func run(_ kernels: apus_kernels, _ sample: Sample, add: Bool) throws -> Got {
        let test = sample.test
        let group = test.heads / test.kvHeads
        let rowsOf = { (values: [Float]) in try Tensor(values, shape: [test.rows, values.count / test.rows]) }
        let (q, k, v, dout) = try (rowsOf(sample.q), rowsOf(sample.k), rowsOf(sample.v), rowsOf(sample.dout))
        let places = [dout.shape, [test.rows, test.heads], q.shape, k.shape, v.shape].map(Tensor.init(uninitialized:))
        for (index, place) in places.enumerated() {
            place.floats.update(repeating: add && index >= 2 ? 1 : .nan, count: place.count)
        }
        let (out, logSums, dq, dk, dv) = (places[0], places[1], places[2], places[3], places[4])
        let slopes = try Tensor(test.slopes ?? [], shape: [test.slopes?.count ?? 0])
        for rows in test.ranges {
            for head in 0..<test.kvHeads {
                let qAt = (rows.lowerBound * test.heads + head * group) * test.keyDim
                let kAt = (rows.lowerBound * test.kvHeads + head) * test.keyDim
                let vAt = (rows.lowerBound * test.kvHeads + head) * test.valueDim
                let outAt = (rows.lowerBound * test.heads + head * group) * test.valueDim
                var call = apus_training_attention(
                    q: q.floats + qAt, k: k.floats + kAt, v: v.floats + vAt, q_stride: Int64(q.columns),
                    k_stride: Int64(k.columns), v_stride: Int64(v.columns), out: out.floats + outAt,
                    out_stride: Int64(out.columns),
                    log_sums: logSums.floats + rows.lowerBound * test.heads + head * group,
                    log_sums_stride: Int64(test.heads), positions: Int64(rows.count), window: Int64(test.window ?? 0),
                    group: Int32(group), key_dim: Int32(test.keyDim), value_dim: Int32(test.valueDim),
                    scale: test.rule.scale, softcap: test.softcap ?? 0,
                    alibi_slopes: test.slopes == nil ? nil : slopes.floats + head * group, workspace: nil,
                    dout: dout.floats + outAt, dq: dq.floats + qAt, dk: dk.floats + kAt, dv: dv.floats + vAt,
                    add_dq: add,
                    add_dk: add, add_dv: add)
                for back in [false, true] {
                    let floats = Int(kernels.training_attention_floats(&call, back))
                    // Whatever the workspace held must not matter, and what lies behind it stays.
                    let workspace = try Tensor([Float](repeating: .nan, count: floats + 16), shape: [floats + 16])
                    call.workspace = workspace.floats
                    if back { kernels.training_attention_gradients(&call) } else { kernels.training_attention(&call) }
                    let isUntouched = workspace.toArray()[floats...].allSatisfy { $0.isNaN }
                    #expect(isUntouched, "behind the workspace")
                }
            }
        }
        withExtendedLifetime((q, k, v, dout, slopes)) {}
        return (out.toArray(), logSums.toArray(), dq.toArray(), dk.toArray(), dv.toArray())
    }

    private func check(
        _ got: Got, _ expected: Sample.Outcome,
        added: Double = 0, within tolerance: Double = 3e-6
    ) {
        Reference.expect(got.out, expected.out, within: tolerance, "out")
        Reference.expect(got.logSums, expected.logSums, within: tolerance, "log sums")
        Reference.expect(got.dq, expected.dq.map { $0 + added }, within: tolerance, "dq")
        Reference.expect(got.dk, expected.dk.map { $0 + added }, within: tolerance, "dk")
        Reference.expect(got.dv, expected.dv.map { $0 + added }, within: tolerance, "dv")
    }

    @Test("Gradients are those of central differences", arguments: tables, small)
    func differences(name: String, test: Case) throws {
        let sample = Sample(test)
        let (q, k, v) = (Reference.wide(sample.q), Reference.wide(sample.k), Reference.wide(sample.v))
        let loss = { (q: [Double], k: [Double], v: [Double]) in
            Reference.weighted(sample.outcome(q, k, v, gradients: false).out, sample.dout)
        }
        var expected = sample.outcome(q, k, v, gradients: false)
        expected.dq = Reference.differences(q) { loss($0, k, v) }
        expected.dk = Reference.differences(k) { loss(q, $0, v) }
        expected.dv = Reference.differences(v) { loss(q, k, $0) }
        for add in [false, true] {
            check(try run(Reference.table(name), sample, add: add), expected, added: add ? 1 : 0)
        }
        // The formulas that larger cases are compared with are right too.
        let formulas = sample.expected
        for (a, b) in zip(formulas.dq + formulas.dk + formulas.dv, expected.dq + expected.dk + expected.dv) {
            #expect((a - b).magnitude < 1e-7)
        }
    }

    @Test("Long sequences, wide heads and windows are their formulas", arguments: tables, large)
    func formulas(name: String, test: Case) throws {
        let sample = Sample(test, spread: test.keyDim > 64 ? 0.5 : 1.5)
        check(try run(Reference.table(name), sample, add: false), sample.expected, within: 1e-5)
    }

    @Test("Scores far apart neither overflow nor lose the largest", arguments: tables)
    func extremes(name: String) throws {
        let sample = Sample(Case(segments: [40], keyDim: 4, valueDim: 4, scale: 100))
        check(try run(Reference.table(name), sample, add: false), sample.expected, within: 2e-4)
    }

    /// The tensors of a golden case, in the order of the script.
    private func golden(_ index: Int) throws -> [[Float]] {
        let path = String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex))
        let file = try #require(fopen(path + "/Fixtures/training_attention.f32", "rb"))
        defer { fclose(file) }
        var result: [[Float]] = []
        for test in Self.goldens[...index] {
            let (q, k) = (test.rows * test.heads * test.keyDim, test.rows * test.kvHeads * test.keyDim)
            let (v, out) = (test.rows * test.kvHeads * test.valueDim, test.rows * test.heads * test.valueDim)
            result = try [q, k, v, out, out, test.rows * test.heads, q, k, v].map { count in
                var values = [Float](repeating: 0, count: count)
                try #require(fread(&values, 4, count, file) == count)
                return values
            }
        }
        return result
    }

    @Test("Results and gradients are those of PyTorch", arguments: 0..<goldens.count)
    func pyTorch(index: Int) throws {
        let test = Self.goldens[index]
        let golden = try golden(index)
        let q = try Tensor(golden[0], shape: [test.rows, test.heads * test.keyDim])
        let k = try Tensor(golden[1], shape: [test.rows, test.kvHeads * test.keyDim])
        let v = try Tensor(golden[2], shape: [test.rows, test.kvHeads * test.valueDim])
        let dout = try Tensor(golden[3], shape: [test.rows, test.heads * test.valueDim])
        let attention = test.attention
        let (out, logSums) = attention(queries: q, keys: k, values: v)
        Reference.expect(out.toArray(), Reference.wide(golden[4]), within: 3e-6, "out")
        Reference.expect(logSums.toArray(), Reference.wide(golden[5]), within: 3e-6, "log sums")
        let (dq, dk, dv) = (
            Tensor(uninitialized: q.shape), Tensor(uninitialized: k.shape), Tensor(uninitialized: v.shape)
        )
        attention.gradients(
            queries: q, keys: k, values: v, result: out, logSums: logSums, gradient: dout,
            dqueries: GradientTarget(dq.floats), dkeys: GradientTarget(dk.floats), dvalues: GradientTarget(dv.floats))
        Reference.expect(dq.toArray(), Reference.wide(golden[6]), within: 3e-6, "dq")
        Reference.expect(dk.toArray(), Reference.wide(golden[7]), within: 3e-6, "dk")
        Reference.expect(dv.toArray(), Reference.wide(golden[8]), within: 3e-6, "dv")
    }

    @Test("Threads, neighbours and unasked gradients change no bit; rows of no sequence give zeros")
    func sameBits() throws {
        let test = Case(segments: [40, 90], heads: 4, keyDim: 12, valueDim: 20, window: 37)
        let sample = Sample(test)
        let q = try Tensor(sample.q, shape: [test.rows, test.heads * test.keyDim])
        let k = try Tensor(sample.k, shape: [test.rows, test.kvHeads * test.keyDim])
        let v = try Tensor(sample.v, shape: [test.rows, test.kvHeads * test.valueDim])
        let dout = try Tensor(sample.dout, shape: [test.rows, test.heads * test.valueDim])
        let all = { (segments: [Range<Int>], unasked: Bool) -> [Tensor] in
            let attention = TrainingAttention(
                segments: segments, heads: test.heads, kvHeads: test.kvHeads, rule: test.rule)
            let (out, logSums) = attention(queries: q, keys: k, values: v)
            let gradients = [q, k, v].map { Tensor(uninitialized: $0.shape) }
            for gradient in gradients { gradient.floats.update(repeating: .nan, count: gradient.count) }
            attention.gradients(
                queries: q, keys: k, values: v, result: out, logSums: logSums, gradient: dout,
                dqueries: unasked ? nil : GradientTarget(gradients[0].floats),
                dkeys: unasked ? nil : GradientTarget(gradients[1].floats),
                dvalues: GradientTarget(gradients[2].floats))
            return unasked ? [gradients[2]] : [out, logSums] + gradients
        }
        let bits = { (tensors: [Tensor], rows: Range<Int>) in
            try tensors.map { try $0.slice(rows).toArray().map(\.bitPattern) }
        }
        let together = all(test.ranges, false)
        let every = try bits(together, 0..<130)
        #expect(try bits(all(test.ranges, true), 0..<130) == [every[4]])
        WorkerPool.shared.run(tasks: 2) { _ in  // inside a task all is done on one thread
            #expect((try? bits(all(test.ranges, false), 0..<130)) == every)
        }
        let alone = all([40..<130], false)
        #expect(try bits(alone, 40..<130) == bits(together, 40..<130))
        #expect(try bits(alone, 0..<40).allSatisfy { $0.allSatisfy { $0 == 0 } })
    }
}
