#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The local time that `strftime_now` shows.
public struct ChatClock: Sendable {
    private let fixed: (seconds: Int, microseconds: Int)?

    /// The time at which a template calls it.
    public static let system = ChatClock(fixed: nil)

    /// A fixed moment in seconds since 1970-01-01 00:00 UTC, shown in UTC.
    public static func fixed(secondsSince1970 seconds: Int, microseconds: Int = 0) -> ChatClock {
        ChatClock(fixed: (seconds, microseconds))
    }

    /// Python's `datetime.now().strftime(format)`.
    func format(_ format: [UInt8]) throws(JinjaFault) -> [UInt8] {
        var moment = timespec()
        if let fixed {
            moment.tv_sec = time_t(fixed.seconds)
            moment.tv_nsec = fixed.microseconds * 1000
        } else {
            clock_gettime(CLOCK_REALTIME, &moment)
        }
        var local = tm()
        // A fixed moment reads the same everywhere.
        guard (fixed == nil ? localtime_r(&moment.tv_sec, &local) : gmtime_r(&moment.tv_sec, &local)) != nil else {
            return []
        }
        if format.contains(0) { throw JinjaFault(.value, "embedded null character in the format of the time") }
        if format.count > 4096 { throw JinjaFault(.limit, "the format of a time is longer than 4096 bytes") }
        let expanded = expand(format, microseconds: moment.tv_nsec / 1000)
        if expanded.isEmpty { return [] }
        // A trailing character tells an empty result from one that did not fit.
        let terminated = (expanded + [UInt8(ascii: "x"), 0]).map { CChar(bitPattern: $0) }
        var buffer = [CChar](repeating: 0, count: 1024 + 64 * expanded.count)
        let count = strftime(&buffer, buffer.count, terminated, &local)
        return buffer.prefix(max(0, count - 1)).map { UInt8(bitPattern: $0) }
    }

    /// What Python fills in itself: microseconds, and the zone of a time that has none.
    private func expand(_ format: [UInt8], microseconds: Int) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < format.count {
            let byte = format[index]
            index += 1
            guard byte == UInt8(ascii: "%"), index < format.count else {
                result.append(byte)
                continue
            }
            let directive = format[index]
            index += 1
            switch directive {
            case UInt8(ascii: "f"):
                let digits = Array(String(microseconds).utf8)
                result += [UInt8](repeating: 0x30, count: max(0, 6 - digits.count)) + digits
            case UInt8(ascii: "z"), UInt8(ascii: "Z"): break
            default: result += [byte, directive]
            }
        }
        return result
    }
}
