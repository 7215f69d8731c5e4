#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `2026-02-03 04:05` of seconds since 1970, in UTC.
func utcText(ofSeconds seconds: Int) -> String {
    var time = time_t(seconds)
    var fields = tm()
    guard gmtime_r(&time, &fields) != nil else { return "" }
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(Int(fields.tm_year) + 1900)-\(two(fields.tm_mon + 1))-\(two(fields.tm_mday)) "
        + "\(two(fields.tm_hour)):\(two(fields.tm_min))"
}

/// Now, in seconds since 1970.
func secondsNow() -> Int { Int(time(nil)) }
