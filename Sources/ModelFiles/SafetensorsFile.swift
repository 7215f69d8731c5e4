import ApusTensors

/// One safetensors file, mapped: an 8-byte length, a JSON header, and the tensors' bytes without holes.
///
/// Format: the README of the safetensors package; what its reader refuses is refused here, and duplicate names too.
public struct SafetensorsFile: WeightSource {
    /// What the header says of a tensor.
    public struct Entry: Sendable {
        public let name: String
        /// The name of the element type, such as `BF16`; also types that cannot be computed with.
        public let type: String
        /// Row-major, outermost dimension first.
        public let shape: [Int]
        /// From the beginning of the file.
        public let range: Range<Int>
    }

    /// In the order of their places.
    public let entries: [Entry]
    /// The texts of `__metadata__`.
    public let metadata: [(key: String, value: String)]
    private let mapping: FileMapping
    private let index: [ByteKey: Int]

    /// The reference's limit.
    static let largestHeader = 100_000_000
    static let mostTensors = 1 << 16
    private static let mostTextBytes = 1 << 23
    private static let longestText = 1 << 20
    private static let longestName = 1024

    public init(path: String) throws {
        try self.init(FileMapping(path: path))
    }

    /// A file in memory.
    public init(bytes: [UInt8], name: String) throws {
        try self.init(FileMapping(copying: bytes, name: name))
    }

    init(_ mapping: FileMapping) throws(SafetensorsError) {
        self.mapping = mapping
        func fail(_ problem: SafetensorsError.Problem) -> SafetensorsError {
            SafetensorsError(file: mapping.path, problem: problem)
        }
        guard mapping.count >= 8 else { throw fail(.tooShort(bytes: mapping.count)) }
        let length = UInt64(littleEndian: mapping.bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Self.largestHeader) else {
            throw fail(.headerTooLarge(bytes: length, limit: Self.largestHeader))
        }
        guard length <= UInt64(mapping.count - 8) else {
            throw fail(.headerPastEnd(bytes: length, available: mapping.count - 8))
        }
        let dataStart = 8 + Int(length)
        var header: Header
        do {
            header = try Header(UnsafeRawBufferPointer(rebasing: mapping.bytes[8..<dataStart]))
        } catch {
            throw fail(.header(error))
        }
        if let problem = header.problem { throw fail(problem) }
        header.tensors.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
        var entries: [Entry] = []
        var index: [ByteKey: Int] = [:]
        var position = 0
        for tensor in header.tensors {
            guard tensor.begin >= 0, tensor.begin <= tensor.end else {
                throw fail(.badRange(tensor: tensor.name, begin: tensor.begin, end: tensor.end))
            }
            if tensor.begin > position {
                throw fail(.hole(tensor: tensor.name, expected: position, begin: tensor.begin))
            }
            if tensor.begin < position {
                throw fail(.overlap(tensor: tensor.name, expected: position, begin: tensor.begin))
            }
            if let problem = Self.wrongSize(tensor) { throw fail(problem) }
            position = tensor.end
            guard index.updateValue(entries.count, forKey: ByteKey(tensor.name)) == nil else {
                throw fail(.duplicateTensor(tensor.name))
            }
            // The sum is checked against the file below; until then it may overflow.
            let range = (dataStart &+ tensor.begin, dataStart &+ tensor.end)
            guard range.0 <= range.1, range.1 <= mapping.count else {
                throw fail(.wrongTotal(expected: tensor.end, actual: mapping.count - dataStart))
            }
            entries.append(Entry(name: tensor.name, type: tensor.type, shape: tensor.shape, range: range.0..<range.1))
        }
        guard position == mapping.count - dataStart else {
            throw fail(.wrongTotal(expected: position, actual: mapping.count - dataStart))
        }
        self.entries = entries
        self.index = index
        metadata = header.metadata
    }

    public var files: [String] { [mapping.path] }
    public var tensorNames: [String] { entries.map(\.name) }
    public func has(_ name: String) -> Bool { index[ByteKey(name)] != nil }

    public func entry(named name: String) -> Entry? { index[ByteKey(name)].map { entries[$0] } }

    /// The tensor where it lies; a copy where its address does not suit its type.
    public func tensor(named name: String) throws -> StoredTensor {
        guard let entry = entry(named: name) else { throw WeightError.missing(tensor: name, files: files) }
        guard let dtype = SafetensorsType.named(entry.type)?.dtype else {
            throw WeightError.unsupportedType(tensor: name, type: entry.type, file: mapping.path)
        }
        let slice = MappedSlice(owner: mapping, unchecked: entry.range).aligned(to: dtype.alignment)
        return StoredTensor(name: entry.name, dtype: dtype, shape: entry.shape, slice: slice)
    }

    private static func wrongSize(_ tensor: Header.Tensor) -> SafetensorsError.Problem? {
        guard let count = elementCount(of: tensor.shape) else { return .sizeOverflow(tensor: tensor.name) }
        // A type that this version does not know has an unknown size; it is refused when it is asked for.
        guard let type = SafetensorsType.named(tensor.type) else { return nil }
        let (bits, overflow) = count.multipliedReportingOverflow(by: type.bits)
        if overflow { return .sizeOverflow(tensor: tensor.name) }
        let bytes = tensor.end - tensor.begin
        return bits % 8 == 0 && bits / 8 == bytes
            ? nil : .wrongSize(tensor: tensor.name, shape: tensor.shape, type: tensor.type, bytes: bytes)
    }

    /// The header as written; read member by member so that a hostile one costs no memory.
    private struct Header {
        struct Tensor {
            var name = ""
            var type = ""
            var shape: [Int] = []
            var begin = -1
            var end = -1
        }

        var tensors: [Tensor] = []
        var metadata: [(key: String, value: String)] = []
        var problem: SafetensorsError.Problem?
        private var textBytes = 0

        init(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
            var header = Header()
            let limits = JSON.Limits(depth: 64, string: SafetensorsFile.longestText)
            try JSONReader.read(bytes, limits: limits, source: nil) { (reader) throws(JSONReader.Failure) in
                try reader.members(depth: 0) { (reader, key) throws(JSONReader.Failure) in
                    if key.hasSameBytes(as: "__metadata__") {
                        try header.readMetadata(&reader)
                    } else {
                        try header.readTensor(key, &reader)
                    }
                }
            }
            self = header
        }

        private init() {}

        private mutating func count(_ text: String, _ reader: JSONReader) throws(JSONReader.Failure) {
            // What keeps a text takes some bytes too.
            textBytes += text.utf8.count + 16
            guard textBytes <= SafetensorsFile.mostTextBytes, tensors.count < SafetensorsFile.mostTensors else {
                throw reader.fail(.tooLarge)
            }
        }

        private mutating func readMetadata(_ reader: inout JSONReader) throws(JSONReader.Failure) {
            try reader.members(depth: 1) { (reader, key) throws(JSONReader.Failure) in
                let value = try reader.string()
                try count(key, reader)
                try count(value, reader)
                metadata.append((key, value))
            }
        }

        private mutating func readTensor(_ name: String, _ reader: inout JSONReader) throws(JSONReader.Failure) {
            guard name.utf8.count <= SafetensorsFile.longestName else { throw reader.fail(.tooLarge) }
            var tensor = Tensor(name: name)
            var seen: Set<String> = []
            try reader.members(depth: 1) { (reader, key) throws(JSONReader.Failure) in
                switch key {
                case "dtype": tensor.type = try reader.string()
                case "shape": tensor.shape = try reader.sizes(limit: 8)
                case "data_offsets":
                    let offsets = try reader.sizes(limit: 2)
                    guard offsets.count == 2 else { throw reader.fail(.expected("two offsets")) }
                    (tensor.begin, tensor.end) = (offsets[0], offsets[1])
                default: return try reader.skip(depth: 2)
                }
                guard seen.insert(key).inserted else { throw reader.fail(.expected("'\(key)' once only")) }
            }
            if seen.count < 3 { problem = problem ?? .incomplete(tensor: name) }
            try count(name, reader)
            try count(tensor.type, reader)
            tensors.append(tensor)
        }
    }
}

extension JSONReader {
    /// An array of at most `limit` integers that are not negative.
    fileprivate mutating func sizes(limit: Int) throws(Failure) -> [Int] {
        var sizes: [Int] = []
        try elements(depth: 2) { (reader) throws(Failure) in
            let place = reader.position
            guard sizes.count < limit else { throw reader.fail(.expected("at most \(limit) numbers")) }
            guard case .integer(let size) = try reader.scalar(), size >= 0 else {
                throw reader.fail(.expected("an integer from 0 on"), at: place)
            }
            sizes.append(size)
        }
        return sizes
    }

    /// A value that is no array and no object.
    private mutating func scalar() throws(Failure) -> JSON {
        guard position < text.count, text[position] != UInt8(ascii: "["), text[position] != UInt8(ascii: "{") else {
            throw fail(.expected("a number"))
        }
        return try value(depth: maximumDepth)
    }
}
