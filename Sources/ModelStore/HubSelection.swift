import ApusModelFiles

/// The files of a repository that make up one model.
struct HubSelection: Sendable {
    var kind: ModelKind
    /// The file to open; nil for a folder.
    var main: String?
    /// Small files first.
    var files: [HubFile]

    /// Files beside a GGUF model that are no language model by themselves.
    static func isAuxiliary(_ path: String) -> Bool {
        let name = FileSystem.lastComponent(of: path).lowercased()
        return name.contains("mmproj") || name.contains("imatrix")
    }

    /// Chooses from a listing.
    ///
    /// A named FILE, or a quantisation, with all parts of a split. Without one: of GGUF files the quantisation that
    /// comes first in `Quantisation.preference`; otherwise the safetensors weights (`pytorch_model.bin` where there
    /// are none) with configuration and tokenizer. A repository with safetensors whose only GGUF files are not
    /// quantised gives the safetensors.
    /// - Throws: `HubError.fileNotFound`, `.ambiguousFile`, `.noModel`.
    init(_ listing: [HubFile], reference: HubReference, commit: String) throws(HubError) {
        let groups = Self.ggufGroups(listing)
        if let wanted = reference.file {
            let group = try Self.group(wanted, of: groups, listing: listing, reference: reference, commit: commit)
            self = try Self.of(group, reference: reference)
            return
        }
        let folder = Self.huggingFaceFiles(listing)
        let best = groups.filter { $0.missing == nil }.min { $0.order < $1.order }
        let isQuantised = best.map { $0.rank < (Quantisation.preference.firstIndex(of: "BF16") ?? 0) } ?? false
        if let best, isQuantised || folder == nil {
            self = try Self.of(best, reference: reference)
        } else if let folder {
            self.init(kind: .huggingFace, main: nil, files: folder)
        } else if let broken = groups.first, let missing = broken.missing {
            throw .noModel(repository: reference.repository, reason: "its part \(printable(missing)) is missing")
        } else {
            throw .noModel(repository: reference.repository, reason: Self.reason(listing))
        }
    }

    private init(kind: ModelKind, main: String?, files: [HubFile]) {
        self.kind = kind
        self.main = main
        self.files = files
    }

    private static func of(_ group: Group, reference: HubReference) throws(HubError) -> HubSelection {
        if let missing = group.missing {
            throw .noModel(repository: reference.repository, reason: "its part \(printable(missing)) is missing")
        }
        return HubSelection(kind: .gguf, main: group.first, files: group.files)
    }

    private static func reason(_ listing: [HubFile]) -> String {
        let names = Set(listing.map(\.path))
        if listing.contains(where: { FolderContents.isWeights($0.name) }) && !names.contains("config.json") {
            return "it has weights, but no config.json beside them (is it an adapter, or a pipeline of several models?)"
        }
        if names.contains("config.json") {
            return "it has a config.json, but no safetensors, pytorch_model.bin or GGUF"
        }
        return "it has no GGUF file and no config.json"
    }

    // MARK: GGUF

    /// A GGUF model in one file or several.
    private struct Group {
        var first: String
        var files: [HubFile]
        var missing: String?
        var rank: Int { Quantisation.rank(of: first) }
        var bytes: Int { files.reduce(0) { $0.addingReportingOverflow(max(0, $1.bytes)).partialValue } }
        var order: (Int, Int, String) { (rank, bytes, first) }
    }

    private static func ggufGroups(_ listing: [HubFile]) -> [Group] {
        var groups: [Group] = []
        var splits: [String: (example: SplitName, folder: String, parts: [Int: HubFile])] = [:]
        for file in listing where file.path.hasSuffix(".gguf") && !isAuxiliary(file.path) {
            guard let split = SplitName(file.name) else {
                groups.append(Group(first: file.path, files: [file], missing: nil))
                continue
            }
            let folder = String(file.path.dropLast(file.name.count))
            splits[folder + split.key, default: (split, folder, [:])].parts[split.part] = file
        }
        for (_, set) in splits {
            groups.append(
                Group(
                    first: set.folder + set.example.name(ofPart: 1),
                    files: set.parts.sorted { $0.key < $1.key }.map(\.value),
                    missing: set.example.firstMissing(in: Set(set.parts.keys))))
        }
        groups.sort { $0.first < $1.first }
        return groups
    }

    private static func group(
        _ wanted: String, of groups: [Group], listing: [HubFile], reference: HubReference, commit: String
    ) throws(HubError) -> Group {
        let exact = groups.filter { group in group.first == wanted || group.files.contains { $0.path == wanted } }
        let named = groups.filter { group in group.files.contains { $0.name == wanted } }
        let tagged = groups.filter { Quantisation.isNamed(wanted, in: $0.first) }
        for found in [exact, named, tagged] {
            if found.count == 1 { return found[0] }
            if !found.isEmpty {
                throw .ambiguousFile(
                    repository: reference.repository, file: wanted, candidates: found.map(\.first))
            }
        }
        if listing.contains(where: { $0.path == wanted }) {
            throw .noModel(
                repository: reference.repository,
                reason: "\(printable(wanted)) alone is no model: name a GGUF file, or no file at all")
        }
        throw .fileNotFound(
            repository: reference.repository, file: wanted, revision: reference.revision ?? commit,
            available: groups.map(\.first))
    }

    // MARK: Hugging Face

    /// Weights, configuration and tokenizer of a folder's model; nil if the repository has none.
    private static func huggingFaceFiles(_ listing: [HubFile]) -> [HubFile]? {
        let top = listing.filter { !$0.path.contains("/") }
        guard top.contains(where: { $0.path == "config.json" }), let weights = weights(top) else { return nil }
        let companions = listing.filter { isCompanion($0.path) }
        let smallFirst = companions.sorted { ($0.bytes, $0.path) < ($1.bytes, $1.path) }
        return smallFirst + weights
    }

    /// One set of weights of those that a repository has side by side: transformers' own order.
    private static func weights(_ top: [HubFile]) -> [HubFile]? {
        func named(_ name: String) -> HubFile? { top.first { $0.path == name } }
        func sharded(prefix: String, suffix: String, index: String) -> [HubFile]? {
            let shards = top.filter { file in
                SplitName(file.path).map { $0.prefix == prefix && $0.suffix == suffix } ?? false
            }
            // Two sets of shards may lie side by side, of 2 and of 4 parts, say.
            for count in Set(shards.compactMap { SplitName($0.path)?.parts }).sorted() {
                let set = shards.filter { SplitName($0.path)?.parts == count }
                if set.count == count { return (named(index).map { [$0] } ?? []) + set.sorted { $0.path < $1.path } }
            }
            return nil
        }
        if let single = named("model.safetensors") { return [single] }
        if let set = sharded(prefix: "model", suffix: "safetensors", index: "model.safetensors.index.json") {
            return set
        }
        if let single = named("pytorch_model.bin"), !top.contains(where: { $0.path.hasSuffix(".safetensors") }) {
            return [single]
        }
        if let set = sharded(prefix: "pytorch_model", suffix: "bin", index: "pytorch_model.bin.index.json") {
            return set
        }
        let others = top.filter { $0.path.hasSuffix(".safetensors") }
        let own = others.filter { !$0.path.hasPrefix("consolidated") && !$0.path.hasPrefix("adapter_") }
        if !own.isEmpty, SplitName.missingPart(among: own.map(\.path)) == nil { return own }
        if let single = named("pytorch_model.bin") { return [single] }
        return nil
    }

    /// Files beside the weights that say how to use them. What belongs to other formats (`original/`, `onnx/`,
    /// TensorFlow, Flax, CoreML, OpenVINO) stays away.
    private static func isCompanion(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        let name = String(parts.last ?? "")
        if parts.count == 1 {
            if name.hasSuffix(".index.json") || name.hasSuffix("_results.json") || name == "trainer_state.json" {
                return false
            }
            if name.hasPrefix("README.") || name.uppercased().hasPrefix("LICENSE") { return true }
            return [".json", ".model", ".spm", ".jinja", ".tiktoken"].contains { name.hasSuffix($0) }
                || ["vocab.txt", "merges.txt", "dict.txt", "USE_POLICY.md", "NOTICE"].contains(name)
        }
        guard parts.count == 2 else { return false }
        // Modules of sentence-transformers: `1_Pooling/config.json`, `2_Dense/model.safetensors`.
        let isModule = parts[0].first?.isNumber == true && parts[0].dropFirst().hasPrefix("_")
        if isModule { return name == "config.json" || name == "model.safetensors" }
        return parts[0] == "additional_chat_templates" && name.hasSuffix(".jinja")
    }
}
