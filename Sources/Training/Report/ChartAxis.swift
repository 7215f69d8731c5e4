#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The values along a side of a chart: from where to where, on which scale, and where its marks are.
public struct ChartAxis: Sendable, Equatable {
    public enum Scale: Sendable, Equatable {
        /// Logarithmic where all values are positive and the highest is more than three times the lowest.
        case automatic
        case linear
        case logarithmic
    }

    public private(set) var low: Double
    public private(set) var high: Double
    public let isLogarithmic: Bool

    /// - Parameter values: those to show; what is not finite is passed over. Without any, the axis goes from 0 to 1.
    public init(_ values: some Sequence<Double>, scale: Scale = .automatic) {
        var (low, high) = (Double.infinity, -Double.infinity)
        for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
        if low > high { (low, high) = (0, 1) }
        switch scale {
        case .automatic: isLogarithmic = low > 0 && high > 3 * low
        case .linear: isLogarithmic = false
        case .logarithmic: isLogarithmic = low > 0
        }
        // A level line runs through the middle.
        if high - low <= 1e-9 * max(high.magnitude, low.magnitude) || high - low < 1e-300 {
            let room = max(high.magnitude * 0.05, 1e-6)
            (low, high) = isLogarithmic ? (low / 1.05, high * 1.05) : (low - room, high + room)
        }
        (self.low, self.high) = (low, high)
    }

    /// Where a value lies: 0 for the lowest, 1 for the highest.
    public func place(of value: Double) -> Double {
        let place =
            isLogarithmic
            ? (value > 0 ? log(value / low) / log(high / low) : 0) : (value / 2 - low / 2) / (high / 2 - low / 2)
        return place.isFinite ? min(1, max(0, place)) : 0
    }

    /// Round values within the axis, at most `most`, lowest first, with their spelling.
    public func marks(atMost most: Int) -> [(value: Double, label: String)] {
        guard most > 0 else { return [] }
        if isLogarithmic {
            let sets: [[Double]] = [
                [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9], [1, 1.5, 2, 3, 4, 5, 6, 8], [1, 1.5, 2, 3, 5, 7], [1, 2, 5],
                [1, 3], [1],
            ]
            for set in sets {
                let values = decades.flatMap { power in set.map { $0 * power } }.filter { (low...high).contains($0) }
                if values.count <= most, values.count >= min(most, 2) {
                    return values.map { ($0, Figures.significantShort($0)) }
                }
            }
        }
        return linearMarks(atMost: most)
    }

    private func linearMarks(atMost most: Int) -> [(value: Double, label: String)] {
        let span = high - low
        guard span.isFinite, span > 0 else { return [] }
        var power = pow(10, floor(log10(span / Double(most + 1))) - 1)
        guard power > 0, power.isFinite else { return [] }
        for _ in 0..<5 {
            for factor in [1, 2, 2.5, 5] {
                let step = factor * power
                let (first, last) = ((low / step - 1e-9).rounded(.up), (high / step + 1e-9).rounded(.down))
                guard last - first < Double(most), first.magnitude < 1e15, last.magnitude < 1e15 else { continue }
                guard last >= first else { return [] }
                // As many decimals as the step has.
                let places = max(0, Int((-log10(power) + 1e-6).rounded(.down)) + (factor == 2.5 ? 1 : 0))
                return (Int(first)...Int(last)).map { index in
                    let value = Double(index) * step
                    return (value, places > 4 ? Figures.rate(value) : Self.label(value, places))
                }
            }
            power *= 10
        }
        return []
    }

    private static func label(_ value: Double, _ places: Int) -> String {
        places > 0
            ? Figures.decimal(value, places: places)
            : value.magnitude < 1e15 ? Figures.grouped(Int(value.rounded())) : "\(value)"
    }

    private var decades: [Double] {
        guard low > 0, high.isFinite else { return [] }
        let (first, last) = (Int(floor(log10(low))), Int(floor(log10(high))))
        return last - first > 40 ? [] : (first...max(first, last)).map { pow(10, Double($0)) }
    }
}

extension Figures {
    /// A round number in its shortest spelling: "1.5", "20", "3e-4".
    static func significantShort(_ value: Double) -> String {
        value.magnitude >= 1000 && value.magnitude < 9e15 ? grouped(Int(value.rounded())) : rate(value)
    }
}
