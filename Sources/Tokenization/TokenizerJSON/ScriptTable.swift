/// The script that a character is written in, as the `UnicodeScripts` pre-tokenizer sees it.
enum ScriptTable {
    /// The script's number; 0 for characters that go with any.
    static func script(of value: UInt32) -> UInt32 {
        entries.withUnsafeBufferPointer { entries in
            var low = 0
            var high = entries.count / 3
            while low < high {
                let middle = (low + high) / 2
                if entries[3 * middle + 1] < value { low = middle + 1 } else { high = middle }
            }
            return 3 * low < entries.count && entries[3 * low] <= value ? entries[3 * low + 2] : 0
        }
    }
}
