import ArgumentParser

/// A number of bytes as an option: `500M`, `4G`, `5GB`. Units are thousands, as in llama.cpp and transformers.
struct ByteSize: ExpressibleByArgument, Equatable {
    var bytes: Int

    init?(argument: String) {
        var text = argument.uppercased()[...]
        if text.hasSuffix("B") { text = text.dropLast() }
        let units: [Character: Int] = ["K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000]
        var unit = 1
        if let last = text.last, let found = units[last] {
            unit = found
            text = text.dropLast()
        }
        guard let number = Int(text), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        self.bytes = bytes
    }
}
