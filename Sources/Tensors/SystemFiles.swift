#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The small text files in which Linux tells about itself: `/proc` and `/sys`.
struct SystemFiles: Sendable {
    /// The folder that stands for `/`; tests give one of their own.
    var root = ""

    /// Longer than any file that is read here; what lies behind it is left out.
    private static let longest = 1 << 20

    func text(_ path: String) -> String? {
        guard let file = fopen(root + path, "r") else { return nil }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while text.count < Self.longest {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    func number(_ path: String) -> Double? {
        text(path).flatMap { text in Double(text.filter { !$0.isWhitespace }) }
    }

    /// A list of numbers as Linux writes it, "0-3,8": those of them that are below a million.
    func numbers(_ path: String) -> [Int]? {
        guard let text = text(path) else { return nil }
        var numbers: [Int] = []
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first >= 0, first <= last, last < 1_000_000 else {
                continue
            }
            numbers += first...last
        }
        return numbers
    }
}
