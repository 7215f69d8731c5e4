import Glibc

/// Measures what one input costs. Bad input must end within a second and 64 MiB; the instrumentation makes code about
/// three times as slow, so that time is given three seconds here.
enum Cost {
    static let seconds = 3.0
    static let bytes = 64 << 20

    static func limited(_ body: () -> Void) {
        let memory = residentBytes()
        let peak = peakBytes()
        let start = processorSeconds()
        body()
        let taken = processorSeconds() - start
        if taken > seconds { fail("an input took \(taken) seconds of processor time") }
        let top = peakBytes()
        // The peak is of the process: it says something of this input only where it rose.
        if top > peak, top - memory > bytes { fail("an input took \((top - memory) >> 20) MiB of memory") }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func peakBytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }

    private static let statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)

    /// The second number of the file, in pages.
    private static func residentBytes() -> Int {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
            let count = pread(statm, buffer.baseAddress, 128, 0)
            guard count > 0 else { return 0 }
            var pages = 0
            var spaces = 0
            for byte in buffer[..<count] where spaces < 2 {
                if byte == 0x20 {
                    spaces += 1
                } else if spaces == 1 {
                    pages = pages * 10 + Int(byte) - 0x30
                }
            }
            return pages * Int(getpagesize())
        }
    }
}
