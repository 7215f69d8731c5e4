/// Amounts as people read them.
enum Quantity {
    /// "812 B", "8.4 kB", "1.25 GB": decimal units, three figures.
    static func bytes(_ count: Int) -> String { scaled(Double(count), units: ["B", "kB", "MB", "GB", "TB", "PB"]) }

    /// "48 KiB", "2 MiB": powers of two, for pages and caches.
    static func binaryBytes(_ count: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB"]
        var (value, unit) = (Double(count), 0)
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return decimal(value, places: value == value.rounded() ? 0 : 1) + " " + units[unit]
    }

    /// "2.8M", "1.1B": the way parameters are counted.
    static func parameters(_ count: Int) -> String {
        scaled(Double(count), units: ["", "K", "M", "B", "T"], separator: "")
    }

    /// "900 Gop/s", "1.20 Top/s": multiplications and additions a second.
    static func operations(_ perSecond: Double) -> String {
        scaled(perSecond, units: ["op/s", "kop/s", "Mop/s", "Gop/s", "Top/s"])
    }

    static func rate(_ perSecond: Double) -> String {
        decimal(perSecond, places: perSecond < 10 ? 2 : perSecond < 100 ? 1 : 0)
    }

    /// "0:47", "12:03", "3:04:05".
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "–" }
        let total = Int(seconds.rounded())
        let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }

    /// With thousands separated: "2,829,056".
    static func grouped(_ count: Int) -> String {
        let digits = String(count.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return (count < 0 ? "-" : "") + result
    }

    /// A number with exactly `places` decimals.
    static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let rounded = (value * scale).rounded()
        guard rounded.magnitude < 9e15 else { return "\(value)" }
        let whole = Int(rounded.magnitude)
        let sign = rounded < 0 ? "-" : ""
        guard places > 0 else { return sign + "\(whole)" }
        let fraction = String(whole % Int(scale))
        return sign + "\(whole / Int(scale))." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    private static func scaled(_ value: Double, units: [String], separator: String = " ") -> String {
        var value = value
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        let places = unit == 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        return decimal(value, places: places) + separator + units[unit]
    }
}
