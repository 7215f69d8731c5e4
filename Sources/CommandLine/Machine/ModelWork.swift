import ApusModels
import ApusTensors

/// What a token costs a decoder: the bytes of weights that a step reads, and the operations of its products.
struct ModelWork: Sendable {
    /// Bytes of weights that one step of `batch` sequences reads.
    private(set) var bytes = 0.0
    /// Operations per token (a multiplication and an addition are two) of the layers.
    private(set) var layers: [ArithmeticKind: Double] = [:]
    /// Operations of the logits, which a prompt needs only once.
    private(set) var logits: [ArithmeticKind: Double] = [:]

    /// - Throws: the errors of the model's files.
    init(_ model: LoadedDecoder, batch: Int) throws {
        let experts = model.configuration.experts
        // Each token chooses its own experts; a batch reads those of all its tokens.
        let share = experts.map { Double($0.used) / Double($0.count) } ?? 1
        let names = model.weights.tensorNames
        let isTied = !names.contains("output.weight")
        for name in names {
            let tensor = try model.weights.tensor(named: name)
            let isLogits = name == (isTied ? "token_embd.weight" : "output.weight")
            // Of tables that are looked up, a row is read.
            if !isLogits, ["token_embd.weight", "position_embd.weight", "token_types.weight"].contains(name) {
                continue
            }
            let isExpert = name.contains("_exps.")
            bytes += Double(tensor.bytes.count) * (isExpert ? min(1, share * Double(batch)) : 1)
            guard tensor.shape.count >= 2 else { continue }
            let operations = 2 * Double(tensor.shape.reduce(1, *)) * (isExpert ? share : 1)
            let kind = ArithmeticKind(tensor.dtype)
            if isLogits {
                logits[kind, default: 0] += operations
            } else {
                layers[kind, default: 0] += operations
            }
        }
    }

    /// The kind of most operations.
    var kind: ArithmeticKind {
        layers.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key ?? .float32
    }

    /// Seconds that the products of a token take where nothing but arithmetic takes time; nil where a peak is not known.
    func seconds(peaks: [ArithmeticKind: Double], withLogits: Bool) -> Double? {
        var seconds = 0.0
        for (kind, operations) in withLogits ? layers.merging(logits, uniquingKeysWith: +) : layers {
            guard let peak = peaks[kind], peak > 0 else { return nil }
            seconds += operations / peak
        }
        return seconds
    }
}
