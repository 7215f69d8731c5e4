import ApusModelFiles
import ApusTensors

/// Speed of one product of float matrices, for comparing it with other libraries.
struct MatrixBenchmark {
    /// What is multiplied: `y` an activation by a weight, `dx` and `dw` what their gradients need.
    enum Form: String {
        case y, dx, dw
    }

    let shape: String
    /// Multiplications and additions a second, the median of the runs.
    let rate: Double
    /// What the processor does at most, measured in turn.
    let peak: Double

    /// - Parameter shape: the form, with `.bfloat16` where values are to be multiplied as that, then rows, columns and
    ///   depth of the product: `y:4096x1536x384`. Nil if it is not that.
    init?(shape: String, seconds: Double = 0.3) {
        let parts = shape.split(separator: ":")
        guard parts.count == 2 else { return nil }
        let way = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard way.count <= 2, let form = way.first.flatMap({ Form(rawValue: String($0)) }),
            let precision = way.count == 1 ? .float32 : Precision(rawValue: String(way[1]))
        else { return nil }
        let sizes = parts[1].split(separator: "x").compactMap { Int($0) }
        guard sizes.count == 3, sizes.allSatisfy({ (1...65_536).contains($0) }) else { return nil }
        let (rows, columns, depth) = (sizes[0], sizes[1], sizes[2])
        guard let left = Self.values(form == .dw ? [depth, rows] : [rows, depth]),
            let right = Self.values(form == .y ? [columns, depth] : [depth, columns])
        else { return nil }
        let multiply = {
            Differentiation.multiplying(in: precision) {
                switch form {
                case .y: left.timesTransposed(right)
                case .dx: left.times(right)
                case .dw: left.transposedTimes(right)
                }
            }
        }
        let kind: ArithmeticKind = precision.multipliesPairs ? .bfloat16 : .float32
        let operations = 2 * Double(rows) * Double(columns) * Double(depth)
        for _ in 0..<3 { _ = multiply() }
        var rates: [Double] = []
        var peaks: [Double] = []
        let end = ProgressBar.seconds() + seconds
        while rates.count < 5 || ProgressBar.seconds() < end {
            let start = ProgressBar.seconds()
            let result = multiply()
            rates.append(operations / (ProgressBar.seconds() - start))
            withExtendedLifetime(result) {}
            if rates.count % 32 == 1 { peaks.append(kind.measurePeak(passes: 3) ?? 0) }
        }
        self.shape = shape
        rate = Benchmark.median(rates).median
        peak = Benchmark.median(peaks).median
    }

    private static func values(_ shape: [Int]) -> Tensor? {
        let count = shape.reduce(1, *)
        return try? Tensor((0..<count).map { Float(($0 &* 7919) % 2003) / 1001 - 1 }, shape: shape)
    }

    var json: JSON {
        [
            "shape": .string(shape), "operations_per_s": .number(rate.rounded()),
            "peak_operations_per_s": .number(peak.rounded()),
        ]
    }
}
