/// The stored (uncompressed) entries of a zip file, zip64 included, used where they lie.
///
/// Format: PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.
struct ZipArchive {
    struct Entry {
        var name: String
        var isStored: Bool
        var size: Int
        var headerOffset: Int
    }

    let mapping: FileMapping
    private(set) var entries: [Entry] = []
    private var index: [ByteKey: Int] = [:]

    private static let mostEntries = 1 << 16
    private static let mostNameBytes = 1 << 23

    init(_ mapping: FileMapping) throws(PyTorchError) {
        self.mapping = mapping
        let directory = try findDirectory()
        var position = directory.offset
        var nameBytes = 0
        for _ in 0..<directory.count {
            guard try integer(UInt32.self, position) == 0x0201_4b50 else { throw damaged("its list of files") }
            let method = try integer(UInt16.self, position + 10)
            let nameLength = Int(try integer(UInt16.self, position + 28))
            let extraLength = Int(try integer(UInt16.self, position + 30))
            let commentLength = Int(try integer(UInt16.self, position + 32))
            var stored = UInt64(try integer(UInt32.self, position + 20))
            var size = UInt64(try integer(UInt32.self, position + 24))
            var offset = UInt64(try integer(UInt32.self, position + 42))
            let nameStart = position + 46
            let extraStart = nameStart + nameLength
            let end = extraStart + extraLength + commentLength
            guard end <= mapping.count else { throw damaged("its list of files") }
            try readZip64(extraStart..<extraStart + extraLength, &size, &stored, &offset)
            nameBytes += nameLength
            guard nameBytes <= Self.mostNameBytes else { throw fail(.tooLarge("names in the archive")) }
            let nameBuffer = UnsafeRawBufferPointer(rebasing: mapping.bytes[nameStart..<extraStart])
            guard let name = String(validating: nameBuffer, as: UTF8.self) else {
                throw damaged("a name is not valid UTF-8")
            }
            guard let size = Int(exactly: size), let headerOffset = Int(exactly: offset), size <= mapping.count,
                headerOffset < mapping.count
            else { throw damaged("'\(name)' lies past the end") }
            guard index.updateValue(entries.count, forKey: ByteKey(name)) == nil else {
                throw damaged("'\(name)' is there twice")
            }
            let isStored = method == 0 && stored == UInt64(size)
            entries.append(Entry(name: name, isStored: isStored, size: size, headerOffset: headerOffset))
            position = end
        }
    }

    func has(_ name: String) -> Bool { index[ByteKey(name)] != nil }

    /// The bytes of an entry.
    func slice(_ name: String) throws(PyTorchError) -> MappedSlice {
        guard let entry = index[ByteKey(name)].map({ entries[$0] }) else { throw fail(.missingEntry(name)) }
        guard entry.isStored else { throw fail(.compressed(entry: name)) }
        guard try integer(UInt32.self, entry.headerOffset) == 0x0403_4b50 else { throw damaged("at '\(name)'") }
        let nameLength = Int(try integer(UInt16.self, entry.headerOffset + 26))
        let extraLength = Int(try integer(UInt16.self, entry.headerOffset + 28))
        let start = entry.headerOffset + 30 + nameLength + extraLength
        guard let slice = mapping.slice(start..<start + entry.size) else { throw damaged("'\(name)' is cut off") }
        return slice
    }

    private func fail(_ problem: PyTorchError.Problem) -> PyTorchError {
        PyTorchError(file: mapping.path, problem: problem)
    }

    private func damaged(_ what: String) -> PyTorchError { fail(.zip(what)) }

    private func integer<Number: FixedWidthInteger>(
        _: Number.Type, _ offset: Int
    ) throws(PyTorchError) -> Number {
        guard offset >= 0, offset <= mapping.count - MemoryLayout<Number>.size else { throw damaged("it is cut off") }
        return Number(littleEndian: mapping.bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// The end record lies at most a comment of 65,535 bytes before the end of the file.
    private func findDirectory() throws(PyTorchError) -> (offset: Int, count: Int) {
        var position = mapping.count - 22
        let lowest = max(0, position - 65_535)
        while position >= lowest {
            if try integer(UInt32.self, position) == 0x0605_4b50 { break }
            position -= 1
        }
        guard position >= lowest else { throw damaged("its end is missing: the file is incomplete") }
        var count = UInt64(try integer(UInt16.self, position + 10))
        var offset = UInt64(try integer(UInt32.self, position + 16))
        let locator = position - 20
        if locator >= 0, try integer(UInt32.self, locator) == 0x0706_4b50 {
            guard let record = Int(exactly: try integer(UInt64.self, locator + 8)),
                record <= mapping.count, try integer(UInt32.self, record) == 0x0606_4b50
            else { throw damaged("its zip64 end record") }
            count = try integer(UInt64.self, record + 32)
            offset = try integer(UInt64.self, record + 48)
        }
        guard count <= UInt64(Self.mostEntries) else { throw fail(.tooLarge("files in the archive")) }
        guard offset <= UInt64(mapping.count) else { throw damaged("its list of files lies past the end") }
        return (Int(offset), Int(count))
    }

    /// Values that do not fit 32 bits stand in an extra field of type 1, in a fixed order.
    private func readZip64(
        _ extra: Range<Int>, _ size: inout UInt64, _ stored: inout UInt64, _ offset: inout UInt64
    ) throws(PyTorchError) {
        let absent = UInt64(UInt32.max)
        guard size == absent || stored == absent || offset == absent else { return }
        var position = extra.lowerBound
        while position + 4 <= extra.upperBound {
            let type = try integer(UInt16.self, position)
            let end = position + 4 + Int(try integer(UInt16.self, position + 2))
            guard end <= extra.upperBound else { break }
            position += 4
            guard type == 1 else {
                position = end
                continue
            }
            func next() throws(PyTorchError) -> UInt64 {
                guard position + 8 <= end else { throw damaged("a zip64 field") }
                defer { position += 8 }
                return try integer(UInt64.self, position)
            }
            if size == absent { size = try next() }
            if stored == absent { stored = try next() }
            if offset == absent { offset = try next() }
            return
        }
        throw damaged("a zip64 field is missing")
    }
}
