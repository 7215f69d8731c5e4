/// One GGUF file taken apart: metadata and the places of tensors, every one of them checked.
///
/// Format: ggml's `docs/gguf.md`, versions 2 and 3 (which differ in nothing that a little-endian reader sees).
struct GGUFPart {
    let mapping: FileMapping
    let version: UInt32
    let alignment: Int
    let metadata: GGUFMetadata
    let tensors: [GGUFTensorInfo]

    /// Real files have a few hundred keys and at most some ten thousand tensors; as many as this take 50 MB.
    static let mostKeys = 1 << 16
    static let mostTensors = 1 << 16
    private static let longestKey = 65_535
    private static let longestTensorName = 1024
    private static let mostNameBytes = 1 << 24
    private static let deepestArray = 16
    /// Elements of arrays that must be walked one by one (strings and arrays), in all.
    private static let mostWalkedElements = 1 << 24

    init(_ mapping: FileMapping, part: Int = 0) throws(GGUFError) {
        var reader = Reader(mapping: mapping)
        try reader.readMagic()
        version = try reader.readVersion()
        let tensorCount = try reader.readCount("tensors", limit: Self.mostTensors)
        let keyCount = try reader.readCount("metadata keys", limit: Self.mostKeys)
        let metadata = try reader.readMetadata(count: keyCount)
        alignment = try reader.alignment(metadata)
        self.metadata = metadata
        self.mapping = mapping
        tensors = try reader.readTensors(count: tensorCount, alignment: alignment, part: part)
    }

    private struct Reader {
        let mapping: FileMapping
        let bytes: UnsafeRawBufferPointer
        var position = 0
        var nameBytes = 0
        var walkedElements = 0

        init(mapping: FileMapping) {
            self.mapping = mapping
            bytes = mapping.bytes
        }

        func fail(_ problem: GGUFError.Problem, at offset: Int? = nil) -> GGUFError {
            GGUFError(file: mapping.path, offset: offset ?? position, problem: problem)
        }

        // MARK: Pieces

        var remaining: Int { bytes.count - position }

        mutating func read<Number: FixedWidthInteger>(
            _: Number.Type, _ what: @autoclosure () -> String
        ) throws(GGUFError) -> Number {
            guard remaining >= MemoryLayout<Number>.size else { throw fail(.truncated(what())) }
            defer { position += MemoryLayout<Number>.size }
            return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
        }

        /// A length and that many bytes.
        mutating func readString(_ what: @autoclosure () -> String) throws(GGUFError) -> Range<Int> {
            let length = try read(UInt64.self, what())
            guard length <= UInt64(remaining) else { throw fail(.truncated(what())) }
            defer { position += Int(length) }
            return position..<position + Int(length)
        }

        mutating func readName(_ what: String, limit: Int) throws(GGUFError) -> String {
            let start = position
            let length = try read(UInt64.self, "the name of \(what)")
            guard length > 0 else { throw fail(.emptyName(what), at: start) }
            guard length <= UInt64(limit) else {
                throw fail(.nameTooLong(what, bytes: length, limit: limit), at: start)
            }
            guard length <= UInt64(remaining) else { throw fail(.truncated("the name of \(what)")) }
            nameBytes += Int(length)
            guard nameBytes <= GGUFPart.mostNameBytes else {
                throw fail(.tooMany("bytes of names", count: UInt64(nameBytes), limit: GGUFPart.mostNameBytes))
            }
            let text = UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(length)])
            guard let name = String(validating: text, as: UTF8.self) else {
                throw fail(.nameNotUTF8(what), at: position)
            }
            position += Int(length)
            return name
        }

        // MARK: Header

        mutating func readMagic() throws(GGUFError) {
            let magic = bytes.prefix(4)
            guard magic.elementsEqual("GGUF".utf8.prefix(magic.count)), !bytes.isEmpty else {
                throw fail(magic.elementsEqual("FUGG".utf8) ? .bigEndian : .notGGUF)
            }
            guard magic.count == 4 else { throw fail(.truncated("the header")) }
            position = 4
        }

        mutating func readVersion() throws(GGUFError) -> UInt32 {
            let version = try read(UInt32.self, "the header")
            // Version 3 in the other byte order.
            if version & 0xffff == 0, version != 0 { throw fail(.bigEndian, at: 4) }
            guard version == 2 || version == 3 else { throw fail(.version(version), at: 4) }
            return version
        }

        mutating func readCount(_ what: String, limit: Int) throws(GGUFError) -> Int {
            let start = position
            let count = try read(UInt64.self, "the header")
            guard count <= UInt64(limit) else { throw fail(.tooMany(what, count: count, limit: limit), at: start) }
            return Int(count)
        }

        // MARK: Metadata

        mutating func readMetadata(count: Int) throws(GGUFError) -> GGUFMetadata {
            var metadata = GGUFMetadata(file: mapping.path)
            for index in 0..<count {
                let start = position
                let key = try readName("metadata key \(index + 1) of \(count)", limit: GGUFPart.longestKey)
                let type = try readType(key)
                let value = try readValue(type, key)
                guard metadata.append(key, value) else { throw fail(.duplicateKey(key), at: start) }
            }
            return metadata
        }

        mutating func readType(_ key: String) throws(GGUFError) -> GGUFValueType {
            let start = position
            let number = try read(UInt32.self, "metadata key '\(key)'")
            guard let type = GGUFValueType(rawValue: number) else {
                throw fail(.unknownValueType(key: key, number), at: start)
            }
            return type
        }

        mutating func readValue(_ type: GGUFValueType, _ key: String) throws(GGUFError) -> GGUFValue {
            switch type {
            case .string:
                let range = try readString("metadata key '\(key)'")
                return .string(GGUFString(slice: MappedSlice(owner: mapping, unchecked: range)))
            case .array:
                let (elementType, count) = try readArrayHeader(key)
                let start = position
                try skipElements(elementType, count: count, key, depth: 1)
                let slice = MappedSlice(owner: mapping, unchecked: start..<position)
                return .array(GGUFArray(elementType: elementType, count: count, slice: slice))
            default:
                let size = type.size ?? 0
                guard remaining >= size else { throw fail(.truncated("metadata key '\(key)'")) }
                guard let value = GGUFValue(type, bytes: bytes, offset: position) else {
                    throw fail(.badBool(key: key, bytes[position]))
                }
                position += size
                return value
            }
        }

        mutating func readArrayHeader(_ key: String) throws(GGUFError) -> (GGUFValueType, Int) {
            let elementType = try readType(key)
            let start = position
            let count = try read(UInt64.self, "metadata key '\(key)'")
            // A count that the rest of the file cannot hold is refused before anything is done with it.
            let smallest = elementType.size ?? (elementType == .string ? 8 : 12)
            guard count <= UInt64(remaining / smallest) else {
                throw fail(.truncated("metadata key '\(key)', an array of \(count) elements"), at: start)
            }
            return (elementType, Int(count))
        }

        mutating func skipElements(
            _ type: GGUFValueType, count: Int, _ key: String, depth: Int
        ) throws(GGUFError) {
            if let size = type.size {
                position += count * size
                return
            }
            walkedElements += count
            guard walkedElements <= GGUFPart.mostWalkedElements else {
                throw fail(.valueTooLong(key: key, count: walkedElements, limit: GGUFPart.mostWalkedElements))
            }
            if type == .string {
                for _ in 0..<count { _ = try readString("metadata key '\(key)'") }
                return
            }
            guard depth < GGUFPart.deepestArray else {
                throw fail(.nestedTooDeep(key: key, limit: GGUFPart.deepestArray))
            }
            for _ in 0..<count {
                let (elementType, count) = try readArrayHeader(key)
                try skipElements(elementType, count: count, key, depth: depth + 1)
            }
        }

        func alignment(_ metadata: GGUFMetadata) throws(GGUFError) -> Int {
            guard let value = metadata["general.alignment"] else { return 32 }
            guard case .uint32(let alignment) = value else {
                throw GGUFError(file: mapping.path, problem: .alignment(value.kind))
            }
            guard alignment >= 8, alignment & (alignment - 1) == 0 else {
                throw GGUFError(file: mapping.path, problem: .alignment("\(alignment)"))
            }
            return Int(alignment)
        }

        // MARK: Tensors

        mutating func readTensors(
            count: Int, alignment: Int, part: Int
        ) throws(GGUFError) -> [GGUFTensorInfo] {
            var raw: [RawTensor] = []
            var names: Set<ByteKey> = []
            for index in 0..<count {
                let start = position
                let tensor = try readTensor("tensor \(index + 1) of \(count)")
                guard names.insert(ByteKey(tensor.name)).inserted else {
                    throw fail(.duplicateTensor(tensor.name), at: start)
                }
                guard tensor.offset % UInt64(alignment) == 0 else {
                    throw fail(
                        .misaligned(tensor: tensor.name, offset: tensor.offset, alignment: alignment), at: start)
                }
                raw.append(tensor)
            }
            guard count > 0 else { return [] }
            // Data begins at the next multiple of the alignment, which is at most 2^31.
            let dataStart = (position + alignment - 1) / alignment * alignment
            let available = max(0, bytes.count - dataStart)
            var tensors: [GGUFTensorInfo] = []
            tensors.reserveCapacity(count)
            for tensor in raw {
                guard tensor.offset <= UInt64(available), tensor.byteCount <= available - Int(tensor.offset) else {
                    throw fail(
                        .pastEnd(
                            tensor: tensor.name, offset: tensor.offset, bytes: tensor.byteCount, available: available),
                        at: tensor.place)
                }
                tensors.append(
                    GGUFTensorInfo(
                        name: tensor.name, type: tensor.type, shape: tensor.shape, byteCount: tensor.byteCount,
                        offset: dataStart + Int(tensor.offset), part: part))
            }
            try checkOverlaps(tensors)
            return tensors
        }

        struct RawTensor {
            var name: String
            var type: GGUFTensorType
            var shape: [Int]
            var byteCount: Int
            var offset: UInt64
            var place: Int
        }

        mutating func readTensor(_ what: String) throws(GGUFError) -> RawTensor {
            let place = position
            let name = try readName(what, limit: GGUFPart.longestTensorName)
            let dimensionCount = try read(UInt32.self, "tensor '\(name)'")
            guard (1...4).contains(dimensionCount) else {
                throw fail(.dimensionCount(tensor: name, dimensionCount), at: place)
            }
            var shape: [Int] = []
            for _ in 0..<dimensionCount {
                let size = try read(UInt64.self, "tensor '\(name)'")
                guard size > 0, let size = Int(exactly: size) else {
                    throw fail(.dimension(tensor: name, size), at: place)
                }
                shape.insert(size, at: 0)
            }
            let number = try read(UInt32.self, "tensor '\(name)'")
            guard let type = GGUFTensorType(number: number) else {
                throw fail(.unknownTensorType(tensor: name, number), at: place)
            }
            let row = shape.last ?? 0
            guard row % type.blockSize == 0 else {
                throw fail(
                    .brokenRow(tensor: name, type: type.name, elements: row, block: type.blockSize), at: place)
            }
            let blocks = shape.dropLast() + [row / type.blockSize, type.blockBytes]
            guard elementCount(of: shape) != nil, let byteCount = elementCount(of: blocks) else {
                throw fail(.sizeOverflow(tensor: name), at: place)
            }
            let offset = try read(UInt64.self, "tensor '\(name)'")
            return RawTensor(
                name: name, type: type, shape: shape, byteCount: byteCount, offset: offset, place: place)
        }

        func checkOverlaps(_ tensors: [GGUFTensorInfo]) throws(GGUFError) {
            let ordered = tensors.indices.sorted { tensors[$0].offset < tensors[$1].offset }
            for (first, second) in zip(ordered, ordered.dropFirst())
            where tensors[first].offset + tensors[first].byteCount > tensors[second].offset {
                throw GGUFError(
                    file: mapping.path, problem: .overlap(tensor: tensors[second].name, other: tensors[first].name))
            }
        }
    }
}
