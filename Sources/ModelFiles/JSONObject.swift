extension JSON {
    /// The members of a JSON object in the order of their first appearance, found by the bytes of their keys.
    public struct Object: Sendable {
        private var storage: Storage

        public init() { storage = Storage.empty }

        /// Later members with a key that was there replace the value of the earlier one.
        public init(_ members: some Sequence<(String, JSON)>) {
            storage = Storage()
            for (key, value) in members { storage.set(key, value) }
        }

        /// All members in order.
        public var entries: [(key: String, value: JSON)] { storage.entries }

        public var keys: [String] { storage.entries.map(\.key) }
        public var count: Int { storage.entries.count }
        public var isEmpty: Bool { storage.entries.isEmpty }

        /// Keys that the parsed text gave more than once (the last value won, as in Python). Empty for objects that
        /// were built otherwise.
        public var duplicateKeys: [String] { storage.duplicates }

        /// Setting nil removes the member; setting a new key appends it.
        public subscript(key: String) -> JSON? {
            get { storage.find(key).map { storage.entries[$0].value } }
            set {
                if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
                if let newValue { storage.set(key, newValue) } else { storage.remove(key) }
            }
        }

        public func has(_ key: String) -> Bool { storage.find(key) != nil }

        /// Adds a member while parsing, noting duplicates.
        mutating func appendParsed(_ key: String, _ value: JSON) {
            if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
            if !storage.set(key, value) { storage.duplicates.append(key) }
        }
    }
}

extension JSON.Object: Equatable {
    /// The same members in any order.
    public static func == (a: JSON.Object, b: JSON.Object) -> Bool {
        a.count == b.count && a.entries.allSatisfy { b[$0.key] == $0.value }
    }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}

extension JSON.Object: Sequence {
    public func makeIterator() -> IndexingIterator<[(key: String, value: JSON)]> { entries.makeIterator() }
}

extension JSON.Object {
    /// Members with an index by key once there are more than a few.
    ///
    /// Unchecked: `Object` changes a storage only while it holds the only reference to it, so that nobody else reads
    /// it at that time.
    private final class Storage: @unchecked Sendable {
        var entries: [(key: String, value: JSON)] = []
        var duplicates: [String] = []
        /// Open addressing; a slot holds the position of an entry plus 1, 0 is free. Empty while entries are few.
        private var slots: [UInt32] = []
        private static let fewEntries = 8
        /// What all empty objects share.
        static let empty = Storage()

        func copy() -> Storage {
            let other = Storage()
            other.entries = entries
            other.duplicates = duplicates
            other.slots = slots
            return other
        }

        func find(_ key: String) -> Int? {
            guard !slots.isEmpty else { return entries.firstIndex { $0.key.hasSameBytes(as: key) } }
            let slot = slots[slotIndex(of: key)]
            return slot == 0 ? nil : Int(slot) - 1
        }

        /// Returns false where the key was there and its value was replaced.
        @discardableResult
        func set(_ key: String, _ value: JSON) -> Bool {
            if slots.isEmpty {
                if let index = find(key) {
                    entries[index].value = value
                    return false
                }
                entries.append((key, value))
                if entries.count > Self.fewEntries { rebuild(slotCount: 32) }
                return true
            }
            let slot = slotIndex(of: key)
            if slots[slot] != 0 {
                entries[Int(slots[slot]) - 1].value = value
                return false
            }
            entries.append((key, value))
            slots[slot] = UInt32(truncatingIfNeeded: entries.count)
            if entries.count * 2 > slots.count { rebuild(slotCount: slots.count * 2) }
            return true
        }

        func remove(_ key: String) {
            guard let index = find(key) else { return }
            entries.remove(at: index)
            if !slots.isEmpty { rebuild(slotCount: slots.count) }
        }

        private func rebuild(slotCount: Int) {
            slots = [UInt32](repeating: 0, count: slotCount)
            for index in entries.indices {
                slots[slotIndex(of: entries[index].key)] = UInt32(truncatingIfNeeded: index + 1)
            }
        }

        /// The slot that holds the key, or the free one where it belongs. `Hasher` is seeded per process, so that a
        /// file cannot be made to collide.
        private func slotIndex(of key: String) -> Int {
            var hasher = Hasher()
            var key = key
            key.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            let mask = slots.count - 1
            var slot = hasher.finalize() & mask
            while slots[slot] != 0, !entries[Int(slots[slot]) - 1].key.hasSameBytes(as: key) {
                slot = (slot + 1) & mask
            }
            return slot
        }
    }
}
