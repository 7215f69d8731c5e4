import ApusModelFiles

/// The digits of a number as they are written: what limits are compared by.
struct Decimal: Sendable, Equatable {
    var isNegative = false
    /// Without zeros before; `[0]` for zero.
    var whole: [Int] = [0]
    /// Without zeros behind.
    var fraction: [Int] = []

    var isZero: Bool { whole == [0] && fraction.isEmpty }

    static let zero = Decimal()

    /// - Parameter number: of at most so many digits on either side of the point; nil otherwise, and for what is no
    ///   number.
    init?(_ number: JSON) {
        let text: String
        switch number {
        case .integer(let value): text = String(value)
        case .number(let value) where value.isFinite: text = JSON.spelling(of: value)
        default: return nil
        }
        let parts = text.split(separator: "e", maxSplits: 1)
        guard let mantissa = parts.first else { return nil }
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let sides = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        isNegative = mantissa.hasPrefix("-")
        whole = sides[0].compactMap(\.wholeNumberValue)
        fraction = sides.count > 1 ? sides[1].compactMap(\.wholeNumberValue) : []
        guard exponent.magnitude <= 400 else { return nil }
        for _ in 0..<max(0, exponent) { whole.append(fraction.isEmpty ? 0 : fraction.removeFirst()) }
        for _ in 0..<max(0, -exponent) { fraction.insert(whole.popLast() ?? 0, at: 0) }
        while let first = whole.first, first == 0, whole.count > 1 { whole.removeFirst() }
        if whole.isEmpty { whole = [0] }
        while fraction.last == 0 { fraction.removeLast() }
        if isZero { isNegative = false }
    }

    private init() {}

    var magnitude: Decimal {
        var result = self
        result.isNegative = false
        return result
    }

    /// Whether this is less, signs not regarded.
    func isSmaller(than other: Decimal) -> Bool {
        if whole.count != other.whole.count { return whole.count < other.whole.count }
        return (whole + fraction).lexicographicallyPrecedes(other.whole + other.fraction)
    }

    static func < (a: Decimal, b: Decimal) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        return a.isNegative ? b.isSmaller(than: a) : a.isSmaller(than: b)
    }
}

/// An end of a range of numbers.
struct Bound: Sendable, Equatable {
    var value: Decimal
    var isExclusive: Bool
}
