@_exported import ApusConversion
@_exported import ApusEvaluation
@_exported import ApusGeneration
@_exported import ApusModelFiles
@_exported import ApusModelStore
@_exported import ApusModels
@_exported import ApusTensors
@_exported import ApusTokenization

/// Where an application begins:
///
/// ```swift
/// import Apus
///
/// let model = try await Apus.load()
/// for try await piece in try model.generate("Once upon a time") { print(piece, terminator: "") }
/// ```
public enum Apus {
    /// Opens a model by name: a `.gguf` file, a Hugging Face folder, a name in the local store, or `hf:ORG/REPO[:FILE]`,
    /// which is downloaded when it is not there. Without a name, the model that comes with Apus.
    ///
    /// - Parameters:
    ///   - context: tokens that a sequence may have; nil for as many as the model was made for.
    ///   - progress: called while a download runs.
    /// - Throws: an error whose description says what, where, and what to do.
    public static func load(
        _ model: String? = nil, context: Int? = nil, progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> LocalModel {
        try LocalModel(path: try await path(of: model, progress: progress), context: context)
    }

    /// The file or folder that a model's name stands for.
    ///
    /// - Throws: ``ModelLookupError`` and the errors of the store and the hub.
    public static func path(
        of model: String?, store: ModelStore = .default, progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> String {
        switch try ModelReference(model) {
        case .shipped:
            return try ShippedModel.path()
        case .path(let path):
            return path
        case .name(let name):
            do {
                return try store.find(name).path
            } catch {
                if case .notFound = error, FileMapping.isFile(name) || FileMapping.isFolder(name) { return name }
                throw error
            }
        case .hub:
            let name = model ?? ""
            if let known = try? store.find(name), known.isWhole { return known.path }
            return try await HubClient(environment: .process).pull(name, progress: progress).path
        case .remote(let remote):
            throw ModelLookupError.remote(remote.name)
        }
    }
}

/// Why a model's name leads nowhere.
public enum ModelLookupError: Error, Equatable, CustomStringConvertible {
    case shippedModelMissing(looked: [String])
    case remote(String)

    public var description: String {
        switch self {
        case .shippedModelMissing(let looked):
            "the model that comes with Apus is not beside the program (looked for \(looked.joined(separator: ", "))); "
                + "name a model, or set APUS_MODEL to a file"
        case .remote(let name):
            "'\(name)' is a model of a remote service, which this command can't use: name a file, a folder or a store name"
        }
    }
}
