/// The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date as `Wed, 21 Oct 2015 07:28:00 GMT`.
enum RetryAfter {
    /// Seconds from now, at least 0; nil for what is neither form.
    static func seconds(_ text: String, now: Int) -> Int? {
        if text.utf8.count <= 10, let seconds = Int(text) { return max(0, seconds) }
        let fields = text.split(separator: " ")
        guard fields.count == 6, let day = Int(fields[1]), let year = Int(fields[3]), (1970...9999).contains(year),
            let month = months.firstIndex(of: fields[2]).map({ $0 + 1 }), (1...31).contains(day)
        else { return nil }
        let clock = fields[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, clock.allSatisfy({ (0...60).contains($0) }) else { return nil }
        let date = days(year, month, day) * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
        return max(0, date - now)
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Days from 1970-01-01 to a date of the Gregorian calendar; the year begins with March, so that the leap day is
    /// its last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return y * 365 + y / 4 - y / 100 + y / 400 + dayOfYear - 719468
    }
}
