#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Numbers as people read them in reports and curves.
enum Figures {
    /// The perplexity of a loss in nats.
    static func perplexity(_ nats: Double) -> Double { exp(nats) }

    /// With thousands separated: "2,829,056".
    static func grouped(_ count: Int) -> String {
        let digits = String(count.magnitude)
        var result = count < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }

    /// A number with exactly `places` decimals.
    static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return "–" }
        let places = min(max(places, 0), 9)
        let scale = power(of: places)
        let rounded = (value * scale).rounded()
        guard rounded.magnitude < 9e15 else { return "\(value)" }
        let whole = Int(rounded.magnitude)
        let sign = rounded < 0 ? "-" : ""
        guard places > 0 else { return sign + "\(whole)" }
        let fraction = String(whole % Int(scale))
        return sign + "\(whole / Int(scale))." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    /// With no more decimals than it takes: "1.5", "2", "0.0003".
    static func short(_ value: Double, places: Int) -> String {
        var text = decimal(value, places: places)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }

    /// Three figures: "1,234", "87.2", "0.934", "3.00e-4".
    static func significant(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        switch value.magnitude {
        case 0: return "0"
        case 999.5...: return value.magnitude < 9e15 ? grouped(Int(value.rounded())) : "\(value)"
        case 99.95...: return decimal(value, places: 0)
        case 9.995...: return decimal(value, places: 1)
        case 0.9995...: return decimal(value, places: 2)
        case 0.00995...: return decimal(value, places: 3)
        default: return rate(value)
        }
    }

    /// A learning rate: "0.001", "3e-4", "2.5e-5".
    static func rate(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        guard value != 0 else { return "0" }
        if value.magnitude >= 0.001 { return short(value, places: 4) }
        var (mantissa, exponent) = (value.magnitude, 0)
        while mantissa < 0.9995, exponent > -330 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        return (value < 0 ? "-" : "") + short(mantissa, places: 2) + "e\(exponent)"
    }

    /// "0:47", "12:03", "3:04:05".
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite, (0..<1e9).contains(seconds) else { return "–" }
        let total = Int(seconds.rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (total / 3600, total / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(total % 60))" : "\(minutes):\(two(total % 60))"
    }

    /// "812 B", "8.40 kB", "1.25 GB": decimal units, three figures.
    static func bytes(_ count: Int) -> String { scaled(Double(count), ["B", "kB", "MB", "GB", "TB", "PB"], " ") }

    /// "812", "2.83M", "1.10B": the way parameters and tokens are counted.
    static func count(_ count: Int) -> String { scaled(Double(count), ["", "K", "M", "B", "T"], "") }

    private static func scaled(_ value: Double, _ units: [String], _ separator: String) -> String {
        var (value, unit) = (value, 0)
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        let places = unit == 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        return decimal(value, places: places) + separator + units[unit]
    }

    private static func power(of places: Int) -> Double { (0..<places).reduce(1.0) { power, _ in power * 10 } }
}
