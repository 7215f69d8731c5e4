import ApusModelFiles

extension LoadedDecoder {
    /// Opens a model with adapters over its weights, which stay as they are; several adapters add up.
    ///
    /// - Throws: ``AdapterError`` besides the errors of opening the model.
    public init(path: String, adapters: [AdapterReference]) throws {
        self = try LoadedDecoder(path: path).adapted(by: adapters)
    }

    /// The same model with adapters over its weights.
    public func adapted(by references: [AdapterReference]) throws -> LoadedDecoder {
        guard !references.isEmpty else { return self }
        return try adapted(
            by: references.map { AdapterSet.Member(try Adapter(path: $0.path, for: self), scale: $0.scale) })
    }

    /// The same model with adapters over its weights, in the place of those that it had.
    public func adapted(by members: [AdapterSet.Member]) throws -> LoadedDecoder {
        let set = AdapterSet(members, model: path)
        let adapted = try type(of: decoder).init(
            configuration, Weights(weights, adapters: set, file: decoder.weights.file))
        try set.requireAllAsked()
        return LoadedDecoder(decoder: adapted, weights: weights, path: path, format: format, adapters: set)
    }

    /// The model that has its adapters' changes in its weights. It computes through the adapters still; what is written
    /// of it, converted or quantised, has them merged.
    public var merged: LoadedDecoder {
        guard let adapters else { return self }
        return LoadedDecoder(
            decoder: decoder, weights: MergedWeights(weights, adapters), path: path, format: format, adapters: adapters)
    }
}
