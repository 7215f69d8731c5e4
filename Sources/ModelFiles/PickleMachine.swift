/// Runs a pickle of tensors: dictionaries, lists, tuples, numbers and texts, and the few names of `PickleGlobal`.
/// Nothing is looked up or executed. Every operation reads at least a byte, and what they make is counted, so that time
/// and memory are bounded.
///
/// Format: CPython's `Lib/pickletools.py`, protocols 2 to 5.
struct PickleMachine {
    let bytes: UnsafeRawBufferPointer
    let file: String
    /// Where the next operation begins.
    var position: Int

    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [PickleValue?] = []
    private(set) var tuples: [[PickleValue]] = []
    private(set) var lists: [[PickleValue]] = []
    private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    private(set) var storages: [PickleStorage] = []
    private(set) var tensors: [PickleTensor] = []
    private var made = 0

    private static let mostValues = 1 << 20
    private static let mostTensors = 1 << 16
    /// A pickle of 20,000 tensors has 4 MB.
    private static let largestPickle = 1 << 25
    private static let mostDimensions = 16

    init(_ bytes: UnsafeRawBufferPointer, position: Int = 0, file: String) {
        self.bytes = bytes
        self.position = position
        self.file = file
    }

    func fail(_ problem: PyTorchError.Problem) -> PyTorchError {
        PyTorchError(file: file, offset: position, problem: problem)
    }

    private func malformed(_ what: String) -> PyTorchError { fail(.malformed(what)) }

    // MARK: Reading

    private mutating func read<Number: FixedWidthInteger>(_: Number.Type) throws(PyTorchError) -> Number {
        guard MemoryLayout<Number>.size <= bytes.count - position else { throw fail(.truncated) }
        defer { position += MemoryLayout<Number>.size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    private mutating func readText(_ count: some BinaryInteger) throws(PyTorchError) -> PickleText {
        guard count >= 0, UInt64(count) <= UInt64(bytes.count - position) else { throw fail(.truncated) }
        guard count <= Self.largestPickle, position <= 3 * Self.largestPickle else {
            throw fail(.tooLarge("bytes in its pickle"))
        }
        defer { position += Int(count) }
        return PickleText(start: UInt32(position), count: UInt32(count))
    }

    private mutating func readLine() throws(PyTorchError) -> String {
        let rest = bytes[position...].prefix(256)
        guard let end = rest.firstIndex(of: 0x0a) else { throw malformed("a name without end") }
        defer { position = end + 1 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    func bytes(of text: PickleText) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(text.start)..<Int(text.start) + Int(text.count)])
    }

    func string(_ text: PickleText) -> String? { String(validating: bytes(of: text), as: UTF8.self) }

    // MARK: Running

    /// Runs to the end of one pickle.
    mutating func run() throws(PyTorchError) -> PickleValue {
        stack.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
        memo.removeAll(keepingCapacity: true)
        let start = position
        while true {
            guard position - start <= Self.largestPickle else { throw fail(.tooLarge("bytes in its pickle")) }
            let code = try read(UInt8.self)
            if code == UInt8(ascii: ".") { return try pop() }
            try step(code)
        }
    }

    private mutating func step(_ code: UInt8) throws(PyTorchError) {
        switch code {
        case 0x80:  // PROTO
            let version = try read(UInt8.self)
            guard version <= 5 else { throw malformed("protocol \(version)") }
        case 0x95: _ = try read(UInt64.self)  // FRAME
        case UInt8(ascii: "("):
            guard marks.count < Self.mostValues else { throw fail(.tooLarge("marks")) }
            marks.append(stack.count)
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popMarked()
        case UInt8(ascii: "2"): try push(try top())

        case UInt8(ascii: "N"): try push(.none)
        case 0x88: try push(.bool(true))
        case 0x89: try push(.bool(false))
        case UInt8(ascii: "J"): try push(.integer(Int(try read(Int32.self))))
        case UInt8(ascii: "K"): try push(.integer(Int(try read(UInt8.self))))
        case UInt8(ascii: "M"): try push(.integer(Int(try read(UInt16.self))))
        case 0x8a: try pushLong(try readText(try read(UInt8.self)))
        case 0x8b: try pushLong(try readText(try read(Int32.self)))
        case UInt8(ascii: "G"): try push(.float(Double(bitPattern: try read(UInt64.self).byteSwapped)))

        case UInt8(ascii: "X"), UInt8(ascii: "T"), UInt8(ascii: "B"):
            try push(.text(try readText(try read(UInt32.self))))
        case 0x8c, UInt8(ascii: "U"), UInt8(ascii: "C"): try push(.text(try readText(try read(UInt8.self))))
        case 0x8d, 0x8e: try push(.text(try readText(try read(UInt64.self))))

        case UInt8(ascii: ")"): try pushTuple([])
        case UInt8(ascii: "t"): try pushTuple(try popMarked())
        case 0x85: try pushTuple([try pop()])
        case 0x86:
            let second = try pop()
            try pushTuple([try pop(), second])
        case 0x87:
            let third = try pop()
            let second = try pop()
            try pushTuple([try pop(), second, third])
        case UInt8(ascii: "]"):
            try count(1)
            lists.append([])
            try push(.list(lists.count - 1))
        case UInt8(ascii: "a"): try extend(with: [try pop()])
        case UInt8(ascii: "e"): try extend(with: try popMarked())
        case UInt8(ascii: "}"): try pushDictionary()
        case UInt8(ascii: "s"):
            let value = try pop()
            try setItems([try pop(), value])
        case UInt8(ascii: "u"): try setItems(try popMarked())
        case 0x8f: try push(.set)
        case 0x90:
            _ = try popMarked()
            guard case .set = try top() else { throw malformed("elements for what is no set") }

        case UInt8(ascii: "h"): try recall(Int(try read(UInt8.self)))
        case UInt8(ascii: "j"): try recall(Int(try read(UInt32.self)))
        case UInt8(ascii: "q"): try memoize(Int(try read(UInt8.self)))
        case UInt8(ascii: "r"): try memoize(Int(try read(UInt32.self)))
        case 0x94: try memoize(memo.count)

        case UInt8(ascii: "c"):
            let module = try readLine()
            try pushGlobal(module: module, name: try readLine())
        case 0x93:
            guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
                throw malformed("a name that is no text")
            }
            try pushGlobal(module: shown(module), name: shown(name))
        case UInt8(ascii: "R"), 0x81:  // REDUCE, NEWOBJ
            guard case .tuple(let arguments) = try pop() else { throw malformed("arguments that are no tuple") }
            guard case .global(let global) = try pop() else { throw fail(.forbidden("a call of what is no name")) }
            try call(global, tuples[arguments])
        case UInt8(ascii: "b"):
            // Attributes of a dictionary (`_metadata`) or of a tensor are nothing that weights need.
            _ = try pop()
            switch try top() {
            case .dictionary, .tensor: break
            default: throw fail(.forbidden("a state for what is no tensor"))
            }
        case UInt8(ascii: "Q"): try pushStorage(try pop())
        default: throw fail(.opcode(code))
        }
    }

    /// A text for an error message: short, whatever the pickle has.
    private func shown(_ text: PickleText) -> String {
        String(decoding: bytes(of: text).prefix(200), as: UTF8.self)
    }

    // MARK: Stack

    private mutating func count(_ values: Int) throws(PyTorchError) {
        made += values
        guard made <= Self.mostValues else { throw fail(.tooLarge("values")) }
    }

    private mutating func push(_ value: PickleValue) throws(PyTorchError) {
        guard stack.count < Self.mostValues else { throw fail(.tooLarge("values")) }
        stack.append(value)
    }

    private mutating func pop() throws(PyTorchError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
            throw malformed("a value is missing")
        }
        return value
    }

    private func top() throws(PyTorchError) -> PickleValue {
        guard let value = stack.last else { throw malformed("a value is missing") }
        return value
    }

    private mutating func popMarked() throws(PyTorchError) -> [PickleValue] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw malformed("a mark is missing") }
        let values = Array(stack[mark...])
        stack.removeLast(stack.count - mark)
        return values
    }

    private mutating func pushTuple(_ values: [PickleValue]) throws(PyTorchError) {
        // An array has a header of its own.
        try count(values.count + 3)
        tuples.append(values)
        try push(.tuple(tuples.count - 1))
    }

    private mutating func pushDictionary() throws(PyTorchError) {
        try count(3)
        dictionaries.append([])
        try push(.dictionary(dictionaries.count - 1))
    }

    private mutating func pushLong(_ text: PickleText) throws(PyTorchError) {
        guard text.count <= 8 else { return try push(.longInteger(text)) }
        var value: UInt64 = 0
        for byte in bytes(of: text).reversed() { value = value << 8 | UInt64(byte) }
        // Two's complement of as many bytes as are there.
        let unused = 64 - 8 * Int(text.count)
        try push(.integer(text.count == 0 ? 0 : Int(Int64(bitPattern: value << unused) >> unused)))
    }

    private mutating func extend(with values: [PickleValue]) throws(PyTorchError) {
        guard case .list(let list) = try top() else { throw malformed("elements for what is no list") }
        try count(values.count)
        lists[list].append(contentsOf: values)
    }

    private mutating func setItems(_ values: [PickleValue]) throws(PyTorchError) {
        guard case .dictionary(let dictionary) = try top(), values.count % 2 == 0 else {
            throw malformed("members for what is no dictionary")
        }
        try count(values.count)
        for index in stride(from: 0, to: values.count, by: 2) {
            dictionaries[dictionary].append((values[index], values[index + 1]))
        }
    }

    private mutating func recall(_ number: Int) throws(PyTorchError) {
        guard number < memo.count, let value = memo[number] else { throw malformed("memo \(number) is empty") }
        try push(value)
    }

    private mutating func memoize(_ number: Int) throws(PyTorchError) {
        // Picklers count up; a gap may only be small.
        guard number <= memo.count + 4096, number < Self.mostValues else { throw fail(.tooLarge("memos")) }
        while memo.count <= number { memo.append(nil) }
        memo[number] = try top()
    }

    // MARK: Names

    private mutating func pushGlobal(module: String, name: String) throws(PyTorchError) {
        guard let global = PickleGlobal(module: module, name: name) else { throw fail(.forbidden("\(module).\(name)")) }
        try push(.global(global))
    }

    private mutating func call(_ global: PickleGlobal, _ arguments: [PickleValue]) throws(PyTorchError) {
        switch global {
        case .orderedDictionary:
            try pushDictionary()
            guard let first = arguments.first else { return }
            guard case .list(let list) = first else { throw malformed("an OrderedDict of what is no list") }
            for pair in lists[list] {
                switch pair {
                case .tuple(let index) where tuples[index].count == 2: try setItems(tuples[index])
                case .list(let index) where lists[index].count == 2: try setItems(lists[index])
                default: throw malformed("an OrderedDict of what are no pairs")
                }
            }
        case .rebuildParameter:
            guard case .tensor(let tensor)? = arguments.first else { throw malformed("a parameter without tensor") }
            try push(.tensor(tensor))
        case .rebuildTensor: try pushTensor(arguments, type: nil, metadata: 6)
        case .rebuildTypedTensor:
            guard arguments.count > 6, case .global(.type(let type)) = arguments[6] else {
                throw malformed("a tensor without type")
            }
            try pushTensor(arguments, type: type, metadata: 7)
        case .storage, .untypedStorage, .type: throw fail(.forbidden("a call of a type"))
        }
    }

    private mutating func pushStorage(_ identifier: PickleValue) throws(PyTorchError) {
        guard case .tuple(let index) = identifier, tuples[index].count >= 5 else {
            throw fail(.forbidden("a reference to what is no storage"))
        }
        let parts = tuples[index]
        guard case .text(let kind) = parts[0], bytes(of: kind).elementsEqual("storage".utf8),
            case .global(let global) = parts[1], case .text(let key) = parts[2], case .integer(let count) = parts[4],
            count >= 0
        else { throw fail(.forbidden("a reference to what is no storage")) }
        var storage = PickleStorage(key: key, count: count, viewCount: count)
        switch global {
        case .storage(let type): storage.type = type
        case .untypedStorage: break
        default: throw fail(.forbidden("a storage of another type"))
        }
        if parts.count > 5 { try readView(parts[5], &storage) }
        try self.count(4)
        guard storages.count < Self.mostTensors else { throw fail(.tooLarge("storages")) }
        storages.append(storage)
        try push(.storage(storages.count - 1))
    }

    /// Old files may say that a storage is a part of another: key, offset, count.
    private func readView(_ value: PickleValue, _ storage: inout PickleStorage) throws(PyTorchError) {
        if case .none = value { return }
        guard case .tuple(let index) = value, tuples[index].count == 3, case .integer(let offset) = tuples[index][1],
            case .integer(let count) = tuples[index][2], offset >= 0, count >= 0, offset <= storage.count,
            count <= storage.count - offset
        else { throw malformed("a view of a storage that is none") }
        storage.viewOffset = offset
        storage.viewCount = count
    }

    private mutating func pushTensor(
        _ arguments: [PickleValue], type: PyTorchType?, metadata: Int
    ) throws(PyTorchError) {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
            let shape = integers(arguments[2]), let strides = integers(arguments[3]), shape.count == strides.count,
            offset >= 0
        else { throw malformed("a tensor without storage, place, shape or strides") }
        guard let type = type ?? storages[storage].type else { throw malformed("a tensor without type") }
        if arguments.count > metadata, case .dictionary(let extra) = arguments[metadata], !dictionaries[extra].isEmpty {
            throw fail(.forbidden("a tensor with metadata (conjugate or negative)"))
        }
        try count(8 + 2 * shape.count)
        guard tensors.count < Self.mostTensors else { throw fail(.tooLarge("tensors")) }
        tensors.append(PickleTensor(storage: storage, type: type, offset: offset, shape: shape, strides: strides))
        try push(.tensor(tensors.count - 1))
    }

    private func integers(_ value: PickleValue) -> [Int]? {
        let values: [PickleValue]
        switch value {
        case .tuple(let index): values = tuples[index]
        case .list(let index): values = lists[index]
        default: return nil
        }
        guard values.count <= Self.mostDimensions else { return nil }
        var integers: [Int] = []
        for value in values {
            guard case .integer(let number) = value, number >= 0 else { return nil }
            integers.append(number)
        }
        return integers
    }
}
