import ApusModelFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The model that comes with Apus: 4.7 million parameters that answer questions about language models and about Apus.
public enum ShippedModel {
    /// Its name in lists.
    public static let name = "apus-primer"

    /// Where it lies: the file that `APUS_MODEL` names, or the package's resource beside the program.
    ///
    /// - Throws: ``ModelLookupError/shippedModelMissing(looked:)``.
    public static func path() throws(ModelLookupError) -> String {
        if let named = getenv("APUS_MODEL").map({ String(cString: $0) }), !named.isEmpty { return named }
        let file = "apus_Apus.resources/\(name).gguf"
        let candidates = programFolders().map { "\($0)/\(file)" }
        if let found = candidates.first(where: FileMapping.isFile) { return found }
        throw .shippedModelMissing(looked: candidates)
    }

    /// The folder of the running program, links followed.
    private static func programFolders() -> [String] {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let program =
            count > 0
            ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : CommandLine.arguments[0]
        guard let slash = program.lastIndex(of: "/") else { return ["."] }
        return [String(program[..<slash])]
    }
}
