import ApusTensors
import CKernels

/// What a product multiplies, which decides how many multiplications the processor does at once.
enum ArithmeticKind: Int32, CaseIterable, Sendable {
    case float32 = 0
    /// Quantised weights with activations that were quantised too.
    case bytes = 1
    case bfloat16 = 2

    /// The kind of products with weights of a type, by the table of kernels in use.
    init(_ type: DType) {
        let form = apus_kernels().pointee.activation_form
        if !type.isFloat {
            self = .bytes
        } else if type == .bf16, form(type.rawValue) != form(DType.f32.rawValue) {
            self = .bfloat16
        } else {
            self = .float32
        }
    }

    var name: String {
        switch self {
        case .float32: "float32"
        case .bytes: "8-bit"
        case .bfloat16: "bfloat16"
        }
    }

    /// Multiplications and additions a second of all threads together, in registers, at best of several passes; nil
    /// where the table of kernels in use has no instructions of its own for the kind. Takes a few hundredths of a second.
    func measurePeak(passes: Int = 3) -> Double? {
        let pool = WorkerPool.shared
        let table = apus_kernels().pointee.name
        guard apus_peak(table, rawValue, 1) > 0 else { return nil }
        // About 5 ms a thread, far more than it takes to wake all of them.
        let rounds: Int64 = 1 << 20
        var best = 0.0
        for _ in 0..<passes {
            let start = ProgressBar.seconds()
            nonisolated(unsafe) let name = table
            pool.run(tasks: pool.threads) { _ in _ = apus_peak(name, rawValue, rounds) }
            let seconds = ProgressBar.seconds() - start
            best = max(best, Double(apus_peak(table, rawValue, 1)) * Double(rounds) * Double(pool.threads) / seconds)
        }
        return best
    }
}
