#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps deep templates off the caller's stack.
///
/// The cost of a piece of template is known before it runs: the height of its tree. Once the sum would not be safe on
/// a thread with 512 KiB of stack, the rest runs on a thread with a large one, while the caller waits.
final class JinjaStack {
    /// Levels of trees that are safe on a small stack and on the large one.
    private static let smallLevels = 400
    private static let largeLevels = 90_000
    private static let largeBytes = 64 << 20
    /// Levels for a call itself: arguments, filters that call filters.
    private static let callLevels = 8

    private var levels = 0
    private var isLarge = false

    func descend<Result>(_ height: Int, _ body: () throws(JinjaFault) -> Result) throws(JinjaFault) -> Result {
        let cost = height + Self.callLevels
        levels += cost
        defer { levels -= cost }
        if levels > Self.largeLevels {
            throw JinjaFault(
                .limit, "the parts of the template nest deeper than the allowed \(Self.largeLevels) levels")
        }
        if levels <= Self.smallLevels || isLarge { return try body() }
        isLarge = true
        defer { isLarge = false }
        return try onLargeStack(body)
    }

    private func onLargeStack<Result>(_ body: () throws(JinjaFault) -> Result) throws(JinjaFault) -> Result {
        var result: Swift.Result<Result, JinjaFault>?
        let started = withoutActuallyEscaping(body) { escaping in
            let job = Job {
                do throws(JinjaFault) {
                    result = .success(try escaping())
                } catch {
                    result = .failure(error)
                }
            }
            return job.runAndWait(stackBytes: Self.largeBytes)
        }
        guard started, let result else {
            throw JinjaFault(.limit, "no thread could be started for the deeply nested parts of the template")
        }
        return try result.get()
    }

    private final class Job {
        private let work: () -> Void

        init(_ work: @escaping () -> Void) { self.work = work }

        func runAndWait(stackBytes: Int) -> Bool {
            var attributes = pthread_attr_t()
            guard pthread_attr_init(&attributes) == 0 else { return false }
            defer { pthread_attr_destroy(&attributes) }
            guard pthread_attr_setstacksize(&attributes, stackBytes) == 0 else { return false }
            #if canImport(Darwin)
                var thread: pthread_t?
            #else
                var thread = pthread_t()
            #endif
            let pointer = Unmanaged.passUnretained(self).toOpaque()
            let status = pthread_create(&thread, &attributes, jinjaRunJob, pointer)
            guard status == 0 else { return false }
            #if canImport(Darwin)
                guard let thread else { return false }
            #endif
            return pthread_join(thread, nil) == 0
        }

        fileprivate func run() { work() }
    }

    fileprivate static func run(_ pointer: UnsafeMutableRawPointer) {
        Unmanaged<Job>.fromOpaque(pointer).takeUnretainedValue().run()
    }
}

#if canImport(Darwin)
    private func jinjaRunJob(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        JinjaStack.run(pointer)
        return nil
    }
#else
    private func jinjaRunJob(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let pointer { JinjaStack.run(pointer) }
        return nil
    }
#endif
