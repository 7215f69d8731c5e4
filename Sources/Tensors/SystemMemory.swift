/// The memory that this process may still take.
public enum SystemMemory {
    /// Bytes that programs could have now, cut by what a control group grants; nil where the system does not say.
    public static func available() -> Int? {
        let files = SystemFiles()
        guard let text = files.text("/proc/meminfo") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        let bytes = kilobytes << 10
        return ControlGroups().memoryLimit().map { min($0, bytes) } ?? bytes
    }

    /// The most bytes that this process had at once, mapped files included; nil where the system does not say.
    public static func peak() -> Int? { field("VmHWM:") }

    /// Bytes of memory of its own (not of mapped files) that this process has now; nil where the system does not say.
    public static func resident() -> Int? { field("RssAnon:") }

    /// Bytes of mapped files that this process has in memory now; nil where the system does not say.
    public static func residentFiles() -> Int? { field("RssFile:") }

    private static func field(_ name: String) -> Int? {
        let line = SystemFiles().text("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
}
