/// Writes a GGUF model in one file, or in several that llama.cpp and ``GGUFFile`` open as one model: metadata in the
/// first, `split.no`, `split.count` and `split.tensors.count` in each, named `PREFIX-00001-of-0000N.gguf`. No part
/// appears before all are whole.
public final class GGUFPartsWriter {
    /// The files, in order.
    public let paths: [String]
    private let writers: [GGUFWriter]
    /// Tensors of each part that are still to come.
    private var rests: [Int]
    private var current = 0

    /// - Parameters:
    ///   - path: the file, or what the parts are named after: `story.gguf` gives `story-00001-of-00002.gguf`.
    ///   - partBytes: the most bytes of tensors in one part, a tensor that is larger having a part of its own; nil for
    ///     one file. What fits in one file is written as one, under the name given.
    /// - Throws: as ``GGUFWriter``.
    public init(
        path: String, metadata: [(key: String, value: GGUFValue)], tensors: [GGUFWriter.Description],
        partBytes: Int? = nil, alignment: Int = 32
    ) throws {
        let sizes = try GGUFWriter.sizes(of: tensors, metadata: metadata, path: path)
        var parts: [[Int]] = [[]]
        var bytes = 0
        for (index, size) in sizes.enumerated() {
            let padded = (size + alignment - 1) / alignment * alignment
            if let partBytes, bytes > 0, padded > partBytes - bytes {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(index)
            bytes += padded
        }
        guard parts.count <= SplitName.mostWritten else {
            throw GGUFError(
                file: path,
                problem: .part(
                    "the model would have \(parts.count) parts, more than \(SplitName.mostWritten); take larger ones"))
        }
        let name = SplitName(
            prefix: path.hasSuffix(".gguf") ? String(path.dropLast(5)) : path, parts: parts.count, suffix: "gguf")
        paths = parts.count == 1 ? [path] : parts.indices.map { name.name(ofPart: $0 + 1) }
        writers = try zip(paths, parts).enumerated().map { number, part in
            var own = number == 0 ? metadata : []
            if parts.count > 1 {
                own += [
                    ("split.no", .uint16(UInt16(number))), ("split.count", .uint16(UInt16(parts.count))),
                    ("split.tensors.count", .int32(Int32(clamping: tensors.count))),
                ]
            }
            return try GGUFWriter(
                path: part.0, metadata: own, tensors: part.1.map { tensors[$0] }, alignment: alignment)
        }
        rests = parts.map { part in part.reduce(0) { $0 + sizes[$1] } }
    }

    /// Appends bytes of the next tensor; may be called several times for one tensor.
    public func append(_ bytes: UnsafeRawBufferPointer) throws {
        while current < rests.count - 1, rests[current] == 0 { current += 1 }
        rests[current] -= bytes.count
        try writers[current].append(bytes)
    }

    public func append(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try append($0) }
    }

    /// Puts the files in their places, the first last: whoever finds it finds all.
    /// - Throws: `GGUFError` where tensors are missing; then no file appears.
    public func finish() throws {
        for writer in writers { try writer.checkWhole() }
        for writer in writers.reversed() { try writer.finish() }
    }
}
