/// A model that was pulled.
public struct PulledModel: Sendable, Equatable {
    /// Its name in the store.
    public var name: String
    public var kind: ModelKind
    /// The GGUF file (the first of its parts) or the folder to open.
    public var path: String
    public var commit: String
    /// All files together.
    public var bytes: Int
    public var fileCount: Int
    /// Bytes that came over the network this time.
    public var bytesReceived: Int
    /// Whether the store had this very commit already.
    public var wasHere: Bool
}

/// Pulls models from a hub that speaks Hugging Face's interface into the local store.
///
/// ```swift
/// let hub = try HubClient()
/// let model = try await hub.pull("hf:ORG/REPO") { print($0.bytesDone, "of", $0.bytesTotal) }
/// ```
///
/// A model appears in the store when all of its files are here and their checksums are right; until then they wait in
/// the store's `.partial` folder, and a pull that broke off, for whatever reason, goes on there. Several pulls of one
/// model, in this process or in others, take turns.
public struct HubClient: Sendable {
    public var configuration: HubConfiguration
    public var store: ModelStore

    public init(configuration: HubConfiguration, store: ModelStore = .default) {
        self.configuration = configuration
        self.store = store
    }

    /// With the variables of this process.
    /// - Throws: `HubError.badProxy`.
    public init(environment: StoreEnvironment = .process) throws(HubError) {
        self.init(
            configuration: try HubConfiguration(environment: environment), store: ModelStore(environment: environment))
    }

    /// Pulls `hf:ORG/REPO[@REVISION][:FILE]`.
    /// - Throws: `HubError`, or `CancellationError` when the task is cancelled; what has arrived is kept.
    public func pull(
        _ reference: String, progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> PulledModel {
        try await pull(reference: HubReference(reference), progress: progress)
    }

    /// Pulls a model, or finds that it is here already.
    ///
    /// - Parameter progress: called now and then, at most about ten times a second, never at the same time.
    /// - Throws: `HubError`, or `CancellationError` when the task is cancelled; what has arrived is kept.
    public func pull(
        reference: HubReference, progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> PulledModel {
        let transport = try HubTransport(configuration: configuration)
        do {
            let model = try await Pull(transport: transport, store: store, reference: reference).run(progress)
            await transport.shutdown()
            return model
        } catch {
            await transport.shutdown()
            switch error {
            case let error as StoreFileError: throw HubError.file(error)
            case let error as ModelStoreError: throw HubError.store(error)
            default: throw error
            }
        }
    }
}
