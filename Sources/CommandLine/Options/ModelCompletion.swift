import ApusModelStore
import ArgumentParser

/// What a shell offers when the name of a model is being typed.
enum ModelCompletion {
    /// Names of the store, and files that models and tokenizers lie in.
    static let any = CompletionKind.custom { _, _, prefix in names(prefix) + paths(prefix) }
    /// Names of the store.
    static let store = CompletionKind.custom { _, _, prefix in names(prefix) }

    private static func names(_ prefix: String) -> [String] {
        ModelStore(environment: .process).list().map(\.name).filter { $0.hasPrefix(prefix) }
    }

    private static func paths(_ prefix: String) -> [String] {
        let cut = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
        let folder = String(prefix[..<cut])
        let start = prefix[cut...]
        return FolderListing.entries(of: folder.isEmpty ? "." : folder).compactMap { entry in
            guard entry.name.hasPrefix(start), !entry.name.hasPrefix(".") || start.hasPrefix(".") else { return nil }
            if entry.isFolder { return folder + entry.name + "/" }
            let endings = [".gguf", ".json", ".model", ".tiktoken", ".jinja", ".safetensors"]
            return endings.contains { entry.name.hasSuffix($0) } ? folder + entry.name : nil
        }
    }
}
