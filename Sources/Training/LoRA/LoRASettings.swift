import ApusModels

/// How a model is adapted by low-rank matrices (Hu et al. 2022).
public struct LoRASettings: Sendable, Equatable {
    /// Rows of A, columns of B.
    public var rank = 16
    /// α: what B A is scaled by, together with the rank.
    public var alpha = 32.0
    /// The linear maps that are adapted, by PEFT's names (`q_proj`), by GGUF's (`attn_q`), or by the whole names of
    /// either. Empty for all maps of attention and feed-forward networks; the routers of experts must be named.
    public var targets: [String] = []
    /// Share of a map's inputs that each step of training leaves out.
    public var dropout: Float = 0
    /// Scale by α / √rank rather than α / rank (Kalajdzievski 2023).
    public var isRankStabilised = false

    public init(rank: Int = 16, alpha: Double = 32) {
        self.rank = rank
        self.alpha = alpha
    }

    /// What B A is multiplied by.
    public var scale: Float { Float(alpha / (isRankStabilised ? Double(rank).squareRoot() : Double(rank))) }

    /// - Throws: ``TrainingError/badSetting(_:value:expected:)``.
    public func validated() throws(TrainingError) -> LoRASettings {
        guard (1...4096).contains(rank) else {
            throw .badSetting("the rank of the adapter", value: "\(rank)", expected: "from 1 to 4096")
        }
        guard alpha.isFinite, alpha > 0 else {
            throw .badSetting("the adapter's alpha", value: "\(alpha)", expected: "a positive number")
        }
        guard dropout >= 0, dropout < 1 else {
            throw .badSetting("the adapter's dropout", value: "\(dropout)", expected: "from 0 to below 1")
        }
        return self
    }

    /// The maps of a model that are adapted, in the order of its layers.
    ///
    /// - Throws: ``ApusModels/AdapterError/unknownTarget(_:known:model:)``, which lists the targets that there are.
    public func maps(of model: LoadedDecoder) throws -> [LoadedDecoder.LinearMap] {
        let all = try model.linearMaps().filter { !$0.name.hasPrefix("output.") }
        guard !targets.isEmpty, targets != ["all-linear"] else { return all.filter(\.isInBlock) }
        var chosen: Set<String> = []
        for target in targets {
            let found = all.filter { Self.names($0, target) }
            guard !found.isEmpty else {
                var known: [String] = []
                for map in all where !known.contains(String(map.kind)) { known.append(String(map.kind)) }
                throw AdapterError.unknownTarget(target, known: known, model: model.path)
            }
            chosen.formUnion(found.map(\.name))
        }
        return all.filter { chosen.contains($0.name) }
    }

    /// Whether a target means a map: its whole name, or the end of it after a dot.
    private static func names(_ map: LoadedDecoder.LinearMap, _ target: String) -> Bool {
        let gguf = map.name.dropLast(".weight".count)
        return [map.module, String(gguf), map.name].contains { $0 == target || $0.hasSuffix("." + target) }
    }
}
