import ApusTensors

/// A file of `torch.save`: the zip archive of torch 1.6 and later, or the row of pickles and raw storages before it.
/// Read by an unpickler that knows tensors and nothing else.
public struct PyTorchFile: WeightSource {
    /// What the file says of a tensor.
    public struct Entry: Sendable {
        public let name: String
        /// The name of the element type, such as `bfloat16`.
        public let type: String
        /// Row-major, outermost dimension first.
        public let shape: [Int]
        /// In elements.
        public let strides: [Int]
        let elementType: PyTorchType
        /// From the first element to the last, in the file.
        let slice: MappedSlice
    }

    public let entries: [Entry]
    private let mapping: FileMapping
    private let index: [ByteKey: Int]

    public init(path: String) throws {
        try self.init(FileMapping(path: path))
    }

    /// A file in memory.
    public init(bytes: [UInt8], name: String) throws {
        try self.init(FileMapping(copying: bytes, name: name))
    }

    init(_ mapping: FileMapping) throws(PyTorchError) {
        self.mapping = mapping
        var loaded: Loaded
        if mapping.bytes.starts(with: "PK".utf8) {
            loaded = try Loaded(archive: ZipArchive(mapping))
        } else if mapping.bytes.first == 0x80 {
            loaded = try Loaded(legacy: mapping)
        } else {
            throw PyTorchError(file: mapping.path, problem: .notPyTorch)
        }
        var entries: [Entry] = []
        var index: [ByteKey: Int] = [:]
        for (name, number) in try loaded.namedTensors() {
            let entry = try loaded.entry(name, number)
            // As in Python, the last of equal keys wins.
            if let earlier = index.updateValue(entries.count, forKey: ByteKey(name)) {
                index[ByteKey(name)] = earlier
                entries[earlier] = entry
            } else {
                entries.append(entry)
            }
        }
        guard !entries.isEmpty else { throw PyTorchError(file: mapping.path, problem: .notStateDictionary) }
        self.entries = entries
        self.index = index
    }

    public var files: [String] { [mapping.path] }
    public var tensorNames: [String] { entries.map(\.name) }
    public func has(_ name: String) -> Bool { index[ByteKey(name)] != nil }

    /// The tensor where it lies, or a contiguous copy where it lies otherwise (transposed, for example).
    public func tensor(named name: String) throws -> StoredTensor {
        guard let entry = index[ByteKey(name)].map({ entries[$0] }) else {
            throw WeightError.missing(tensor: name, files: files)
        }
        guard let dtype = entry.elementType.dtype else {
            throw WeightError.unsupportedType(tensor: name, type: entry.type, file: mapping.path)
        }
        let slice = entry.isContiguous ? entry.slice.aligned(to: dtype.alignment) : entry.contiguousCopy()
        return StoredTensor(name: entry.name, dtype: dtype, shape: entry.shape, slice: slice)
    }

    /// A pickle that has been run, and the bytes of its storages.
    private struct Loaded {
        var machine: PickleMachine
        let root: PickleValue
        let mapping: FileMapping
        private var storages: [MappedSlice] = []

        func fail(_ problem: PyTorchError.Problem) -> PyTorchError {
            PyTorchError(file: mapping.path, problem: problem)
        }

        init(archive: ZipArchive) throws(PyTorchError) {
            mapping = archive.mapping
            let suffix = "/data.pkl"
            guard let pickle = archive.entries.first(where: { $0.name.hasSuffix(suffix) }) else {
                throw PyTorchError(file: mapping.path, problem: .missingEntry("data.pkl"))
            }
            let folder = pickle.name.dropLast(suffix.count)
            if archive.has("\(folder)/byteorder"),
                try !archive.slice("\(folder)/byteorder").bytes.elementsEqual("little".utf8)
            {
                throw PyTorchError(file: mapping.path, problem: .bigEndian)
            }
            machine = PickleMachine(try archive.slice(pickle.name).bytes, file: mapping.path)
            root = try machine.run()
            for storage in machine.storages {
                guard let key = machine.string(storage.key) else {
                    throw PyTorchError(file: mapping.path, problem: .malformed("a key is not valid UTF-8"))
                }
                storages.append(try view(of: try archive.slice("\(folder)/data/\(key)"), storage))
            }
        }

        init(legacy mapping: FileMapping) throws(PyTorchError) {
            self.mapping = mapping
            machine = PickleMachine(mapping.bytes, file: mapping.path)
            // 0x1950a86a20f9469cfc6c
            let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
            guard case .longInteger(let number) = try machine.run(), machine.bytes(of: number).elementsEqual(magic)
            else { throw PyTorchError(file: mapping.path, problem: .notPyTorch) }
            guard case .integer(1001) = try machine.run() else { throw machine.fail(.malformed("unknown version")) }
            guard case .dictionary(let system) = try machine.run() else {
                throw machine.fail(.malformed("no description of the system"))
            }
            for case (.text(let key), .bool(false)) in machine.dictionaries[system]
            where machine.bytes(of: key).elementsEqual("little_endian".utf8) {
                throw PyTorchError(file: mapping.path, problem: .bigEndian)
            }
            root = try machine.run()
            guard case .list(let keys) = try machine.run() else {
                throw machine.fail(.malformed("no list of storages"))
            }
            // Each storage: the number of its elements in 8 bytes, then the elements.
            var sizes: [ByteKey: Int] = [:]
            for storage in machine.storages {
                let size = storage.type?.size ?? 1
                if let key = machine.string(storage.key) { sizes[ByteKey(key)] = size }
            }
            var places: [ByteKey: MappedSlice] = [:]
            var position = machine.position
            for case .text(let text) in machine.lists[keys] {
                guard let key = machine.string(text), let size = sizes[ByteKey(key)] else {
                    throw machine.fail(.malformed("a storage that no tensor uses"))
                }
                guard mapping.count - position >= 8 else { throw fail(.truncated) }
                let count = mapping.bytes.loadUnaligned(fromByteOffset: position, as: Int64.self)
                let (length, overflow) = Int(Int64(littleEndian: count)).multipliedReportingOverflow(by: size)
                position += 8
                guard !overflow, length >= 0, length <= mapping.count - position else { throw fail(.truncated) }
                places[ByteKey(key)] = MappedSlice(owner: mapping, unchecked: position..<position + length)
                position += length
            }
            for storage in machine.storages {
                guard let key = machine.string(storage.key), let place = places[ByteKey(key)] else {
                    throw fail(.missingEntry("a storage"))
                }
                storages.append(try view(of: place, storage))
            }
        }

        private func view(of whole: MappedSlice, _ storage: PickleStorage) throws(PyTorchError) -> MappedSlice {
            let size = storage.type?.size ?? 1
            let (bytes, overflow) = storage.count.multipliedReportingOverflow(by: size)
            guard !overflow, bytes <= whole.count else { throw fail(.truncated) }
            let start = whole.range.lowerBound + storage.viewOffset * size
            return MappedSlice(owner: mapping, unchecked: start..<start + storage.viewCount * size)
        }

        /// The members of the state dictionary that are tensors.
        func namedTensors() throws(PyTorchError) -> [(String, Int)] {
            guard case .dictionary(let members) = root else { throw fail(.notStateDictionary) }
            var named: [(String, Int)] = []
            for case (.text(let key), .tensor(let number)) in machine.dictionaries[members] {
                guard key.count <= 1024, let name = machine.string(key) else {
                    throw fail(.malformed("the name of a tensor is too long or not valid UTF-8"))
                }
                named.append((name, number))
            }
            return named
        }

        func entry(_ name: String, _ number: Int) throws(PyTorchError) -> Entry {
            let tensor = machine.tensors[number]
            let storage = storages[tensor.storage]
            let size = tensor.type.size
            guard let count = elementCount(of: tensor.shape) else { throw fail(.tensor(name, "has an absurd shape")) }
            // The distance from the first element to the last.
            var reach = 0
            if count > 0 {
                for (length, stride) in zip(tensor.shape, tensor.strides) {
                    let (step, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
                    let (sum, overflow2) = reach.addingReportingOverflow(step)
                    if overflow || overflow2 { throw fail(.tensor(name, "has absurd strides")) }
                    reach = sum
                }
                reach += 1
            }
            let available = storage.count / size
            guard reach >= 0, tensor.offset <= available, reach <= available - tensor.offset else {
                throw fail(.tensor(name, "reaches past the end of its storage"))
            }
            // A copy of a tensor that repeats its storage (expand) could be of any size.
            guard count <= available else { throw fail(.tensor(name, "repeats its elements (stride 0)")) }
            let start = storage.range.lowerBound + tensor.offset * size
            let slice = MappedSlice(owner: mapping, unchecked: start..<start + reach * size)
            return Entry(
                name: name, type: tensor.type.rawValue, shape: tensor.shape, strides: tensor.strides,
                elementType: tensor.type, slice: slice)
        }
    }
}

extension PyTorchFile.Entry {
    /// Whether elements lie one after another in the order of the shape.
    var isContiguous: Bool {
        var expected = 1
        for (length, stride) in zip(shape, strides).reversed() where length != 1 {
            if length == 0 { return true }
            if stride != expected { return false }
            // Products of a checked shape do not overflow.
            expected *= length
        }
        return true
    }

    /// The elements in the order of the shape.
    func contiguousCopy() -> MappedSlice {
        let size = elementType.size
        // The product was found not to overflow, and the elements to lie within `slice`.
        let count = shape.reduce(1, *)
        let copy = FileMapping(name: name, count: count * size) { destination in
            // `slice` is a property of this entry, which lives through the call.
            let source = slice.bytes
            var indices = [Int](repeating: 0, count: shape.count)
            let last = shape.count - 1
            var written = 0
            while written < count {
                var place = 0
                for (index, stride) in zip(indices, strides) { place += index * stride }
                for _ in 0..<shape[last] {
                    destination.baseAddress?.advanced(by: written * size).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[(place * size)...]).baseAddress.unsafelyUnwrapped,
                        byteCount: size)
                    place += strides[last]
                    written += 1
                }
                var dimension = last - 1
                while dimension >= 0 {
                    indices[dimension] += 1
                    if indices[dimension] < shape[dimension] { break }
                    indices[dimension] = 0
                    dimension -= 1
                }
            }
        }
        return MappedSlice(owner: copy, unchecked: 0..<copy.count)
    }
}

extension PyTorchType {
    var dtype: DType? {
        switch self {
        case .float32: .f32
        case .float16: .f16
        case .bfloat16: .bf16
        default: nil
        }
    }
}
