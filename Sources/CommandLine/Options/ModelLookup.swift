import Apus
import ArgumentParser

/// Finds what a MODEL argument names.
enum ModelLookup {
    /// The GGUF file or the folder that a MODEL argument stands for; one of a hub is pulled when it is not here.
    static func path(_ model: String?, console: Console = .current) async throws -> String {
        let view = PullView(console: console)
        defer { view.finish() }
        let store = ModelStore(environment: console.environment)
        let reference = try ModelReference(model)
        if case .name(ShippedModel.name) = reference, !InputFile.exists(ShippedModel.name) {
            // The shipped model answers to its name, unless the user has another one of that name.
            return try (try? store.find(ShippedModel.name))?.path ?? ShippedModel.path()
        }
        guard case .hub = reference else { return try await Apus.path(of: model, store: store) }
        return try await Interrupt.during { try await Apus.path(of: model, store: store) { view.show($0) } }
    }

    /// The model itself, ready to write.
    static func model(
        _ model: String?, engine: EngineArguments, adapters: AdapterArguments? = nil, console: Console = .current
    ) async throws -> LocalModel {
        if let threads = engine.threads { WorkerPool.useThreads(threads) }
        let path = try await path(model)
        let bar = ProgressBar(
            console.words.loading(path.split(separator: "/").last.map(String.init) ?? path), total: nil, unit: .time,
            ticks: true, console: console)
        defer { bar.finish() }
        return try LocalModel(
            path: path, context: engine.context, cacheType: engine.cacheType?.dtype,
            adapters: adapters?.references ?? [])
    }

    /// A template from a `.jinja` file, or a model's own.
    static func template(_ file: String) async throws -> ChatTemplate {
        if file.hasSuffix(".jinja") || file.hasSuffix(".jinja2") {
            guard let source = String(validating: try InputFile.read(file), as: UTF8.self) else {
                throw CommandError.cannotRead(path: file, reason: "it is not UTF-8")
            }
            return try ChatTemplate(source, name: file)
        }
        let path = try await path(file)
        let source =
            FileMapping.isFolder(path)
            ? try HuggingFaceFolder(path: path, needsConfig: false).chatTemplate()
            : try GGUFFile(path: path).metadata.string("tokenizer.chat_template")
        guard let source else { throw CommandError.noTemplate(path: path) }
        return try ChatTemplate(source, name: path)
    }

    /// The tokenizer of a model, or of a file that holds one alone.
    static func tokenizer(_ model: String?, pattern: String?) async throws -> Tokenizer {
        let encoding = try pattern.map { name in
            guard let encoding = TiktokenEncoding(rawValue: name) else {
                let known = TiktokenEncoding.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--pattern is one of \(known).")
            }
            return encoding
        }
        return try Tokenizer.load(path: try await path(model), encoding: encoding)
    }
}
