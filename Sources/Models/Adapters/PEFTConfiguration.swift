import ApusModelFiles

/// `adapter_config.json` of PEFT, as far as a low-rank adapter of linear maps needs it. What the matrices belong to is
/// said by the names of the tensors, so `target_modules` is not read.
struct PEFTConfiguration {
    let rank: Int
    let alpha: Double
    /// Whether scales are α / √rank (Kalajdzievski 2023).
    let isRankStabilised: Bool
    private let rankPattern: [(pattern: ModulePattern, value: JSON, key: String)]
    private let alphaPattern: [(pattern: ModulePattern, value: JSON, key: String)]
    private let file: String

    /// Configurations that list every map of a large model reach some hundred kilobytes.
    private static let largestFile = 1 << 22

    init(file: String) throws {
        let mapping = try FileMapping(path: file)
        guard mapping.count <= Self.largestFile else {
            throw FileError.tooLarge(path: file, bytes: mapping.count, limit: Self.largestFile)
        }
        let json = try mapping.withBytes { try JSON(parsing: $0, maximumValues: 1 << 17, source: file) }
        guard let object = json.objectValue else {
            throw AdapterError.badValue(key: "adapter_config.json", value: json.kind, expected: "an object", file: file)
        }
        let parameters = Parameters(file: file) { object[$0] }
        let kind = try parameters.text("peft_type", or: "LORA")
        guard kind == "LORA" else { throw AdapterError.unsupported("it is of the kind \(kind), not LORA", file: file) }
        try Self.refuse(parameters, file)
        rank = try parameters.count("r", or: 8, limit: 1 << 16)
        alpha = try parameters.number("lora_alpha", or: 8)
        isRankStabilised = try parameters.flag("use_rslora", or: false)
        rankPattern = try Self.patterns("rank_pattern", parameters, file)
        alphaPattern = try Self.patterns("alpha_pattern", parameters, file)
        _ = try parameters.flag("fan_in_fan_out", or: false)
        self.file = file
    }

    /// The rank that the file promises for a module, and the scale of its adapter.
    func rankAndScale(of module: String) throws -> (rank: Int, scale: Float) {
        var rank = rank
        var alpha = alpha
        if let (_, value, key) = rankPattern.first(where: { $0.pattern.matches(module) }) {
            guard let number = value.intValue, number >= 1, number <= 1 << 16 else {
                throw AdapterError.badValue(
                    key: "rank_pattern.\(key)", value: value.serialized(), expected: "a whole number from 1 on",
                    file: file)
            }
            rank = number
        }
        if let (_, value, key) = alphaPattern.first(where: { $0.pattern.matches(module) }) {
            guard let number = value.doubleValue, number.isFinite else {
                throw AdapterError.badValue(
                    key: "alpha_pattern.\(key)", value: value.serialized(), expected: "a finite number", file: file)
            }
            alpha = number
        }
        return (rank, Float(alpha / (isRankStabilised ? Double(rank).squareRoot() : Double(rank))))
    }

    private static func patterns(
        _ key: String, _ parameters: Parameters, _ file: String
    ) throws -> [(pattern: ModulePattern, value: JSON, key: String)] {
        guard let value = parameters.value(key) else { return [] }
        guard let object = value.objectValue else {
            throw AdapterError.badValue(key: key, value: value.kind, expected: "an object", file: file)
        }
        return try object.map { entry in
            guard let pattern = ModulePattern(entry.key) else {
                throw AdapterError.badValue(
                    key: key, value: "'\(entry.key)'", expected: "names of modules or simple patterns of them",
                    file: file)
            }
            return (pattern, entry.value, entry.key)
        }
    }

    /// What would change the model in ways that are not computed here.
    private static func refuse(_ parameters: Parameters, _ file: String) throws {
        func isSet(_ key: String) -> Bool {
            guard let value = parameters.value(key) else { return false }
            return
                !(value.boolValue == false || value.arrayValue?.isEmpty == true || value.objectValue?.isEmpty == true)
        }
        func refuse(_ what: String) -> AdapterError { .unsupported(what, file: file) }
        if isSet("use_dora") { throw refuse("it is a DoRA adapter (use_dora), whose magnitudes are not computed here") }
        if let bias = parameters.value("bias"), bias.stringValue != "none" {
            throw refuse("it changes biases too (bias: \(bias.serialized()))")
        }
        if isSet("lora_bias") { throw refuse("its matrices B have biases (lora_bias)") }
        if isSet("modules_to_save") {
            let names = parameters.value("modules_to_save")?.serialized() ?? ""
            throw refuse(
                "it replaces whole modules besides its low-rank matrices (modules_to_save: \(names.prefix(100)))")
        }
        for (key, meaning) in [
            ("trainable_token_indices", "it changes single embeddings"), ("layer_replication", "it repeats layers"),
            ("alora_invocation_tokens", "it is used from a token on only"),
            ("target_parameters", "it adapts parameters that are no linear maps, such as experts"),
            ("use_qalora", "it is a QALoRA adapter"), ("use_bdlora", "its matrices are block-diagonal"),
            ("arrow_config", "it is a mixture of adapters"), ("kasa_config", "it is a KaSA adapter"),
        ] where isSet(key) {
            throw refuse("\(meaning) (\(key))")
        }
        // These take a part out of the base's weights when they begin; the matrices alone do not say which.
        if let start = parameters.value("init_lora_weights")?.stringValue?.lowercased(),
            ["pissa", "olora", "corda", "loftq", "lora_ga"].contains(where: { start.hasPrefix($0) })
        {
            throw refuse(
                "it goes with a changed base (init_lora_weights: \(start)); save it converted to a plain adapter")
        }
    }
}
