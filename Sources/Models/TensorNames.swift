import ApusModelFiles

/// What one of a model's tensors is called in Hugging Face's files and in GGUF, and how its arrangement differs.
///
/// Names are stems (without `.weight` and `.bias`); `{}` stands for the number of a block or an expert. The same table
/// serves loading from either format and converting between them.
public struct TensorName: Sendable {
    public let gguf: String
    public let huggingFace: String
    public let arrangement: Arrangement

    public init(_ gguf: String, _ huggingFace: String, _ arrangement: Arrangement = .same) {
        self.gguf = gguf
        self.huggingFace = huggingFace
        self.arrangement = arrangement
    }

    /// How a tensor of Hugging Face's file lies, compared with GGUF's.
    public enum Arrangement: Sendable, Equatable {
        case same
        /// `[inputs, outputs]` in place of `[outputs, inputs]` (GPT-2's Conv1D).
        case transposed
        /// The weight of a norm without the 1 that is added to it (Gemma).
        case lessOne
        /// Query, key and value of each head together, in place of all queries, all keys, all values (BLOOM).
        case fusedByHead(heads: Int)
        /// The halves of each head, in place of the pairs, are rotated (`llama` files). Loading leaves this as it is:
        /// the model's ``RotaryEmbedding/interleaved`` says which it has.
        case rotaryHalves(heads: Int)
    }
}

/// The weights of a Hugging Face folder under their GGUF names, arranged as GGUF arranges them but for rotary pairs.
struct HuggingFaceWeights: WeightSource {
    private struct Entry {
        let stored: String
        let arrangement: TensorName.Arrangement
    }

    private let base: any WeightSource
    private let entries: [String: Entry]
    let tensorNames: [String]
    /// Tensors of the folder that the family has no name for.
    let unknown: [String]

    var files: [String] { base.files }

    /// - Parameter leavingOut: GGUF names that are not read even where a file has them (a head that is tied).
    init(_ base: any WeightSource, names: [TensorName], leavingOut: Set<String> = []) {
        let byStem = Dictionary(names.map { ($0.huggingFace, $0) }, uniquingKeysWith: { first, _ in first })
        var entries: [String: Entry] = [:]
        var order: [String] = []
        var unknown: [String] = []
        for stored in base.tensorNames {
            guard let (name, arrangement) = Self.ggufName(of: stored, byStem) else {
                unknown.append(stored)
                continue
            }
            if leavingOut.contains(name) { continue }
            if entries[name] == nil { order.append(name) }
            entries[name] = Entry(stored: stored, arrangement: arrangement)
        }
        self.base = base
        self.entries = entries
        self.tensorNames = order
        self.unknown = unknown
    }

    func has(_ name: String) -> Bool { entries[name] != nil }

    func tensor(named name: String) throws -> StoredTensor {
        guard let entry = entries[name] else { throw WeightError.missing(tensor: name, files: files) }
        return try base.tensor(named: entry.stored).arranged(entry.arrangement, as: name)
    }

    /// Checkpoints of base models leave the outer name out, those inside multimodal models put one before it.
    private static let outerNames = ["", "model.", "transformer.", "language_model.", "model.language_model."]

    /// The GGUF name of a tensor of a folder, by the family's table of stems; nil where it has none.
    static func ggufName(
        of stored: String, _ byStem: [String: TensorName]
    ) -> (String, TensorName.Arrangement)? {
        guard let dot = stored.lastIndex(of: ".") else { return nil }
        let suffix = stored[dot...]
        guard suffix == ".weight" || suffix == ".bias" else { return nil }
        var numbers: [Substring] = []
        let pattern = stored[..<dot].split(separator: ".", omittingEmptySubsequences: false).map { part in
            guard !part.isEmpty, part.utf8.allSatisfy({ (48...57).contains($0) }) else { return part }
            numbers.append(part)
            return "{}"
        }.joined(separator: ".")
        for outer in outerNames {
            let candidates =
                [outer + pattern] + (pattern.hasPrefix(outer) ? [String(pattern.dropFirst(outer.count))] : [])
            for candidate in candidates {
                for inner in ["", "model.", "transformer."] {
                    if let name = byStem[inner + candidate] {
                        return (fill(name.gguf, numbers) + suffix, name.arrangement)
                    }
                }
            }
        }
        return nil
    }

    private static func fill(_ pattern: String, _ numbers: [Substring]) -> String {
        var rest = numbers[...]
        return pattern.split(separator: ".").map { part in
            part == "{}" ? rest.popFirst() ?? part : part
        }.joined(separator: ".")
    }
}

extension TensorName {
    /// Hugging Face's name of a tensor with a GGUF name, by a family's table; nil where the table has none.
    static func huggingFaceName(of gguf: String, _ names: [TensorName]) -> (String, Arrangement)? {
        guard let dot = gguf.lastIndex(of: ".") else { return nil }
        var numbers: [Substring] = []
        let pattern = gguf[..<dot].split(separator: ".").map { part -> Substring in
            guard part.utf8.allSatisfy({ (48...57).contains($0) }) else { return part }
            numbers.append(part)
            return "{}"
        }.joined(separator: ".")
        guard let name = names.first(where: { $0.gguf == pattern }) else { return nil }
        var rest = numbers[...]
        let stem = name.huggingFace.split(separator: ".").map { part in
            part == "{}" ? rest.popFirst() ?? part : part
        }.joined(separator: ".")
        return (stem + gguf[dot...], name.arrangement)
    }
}
