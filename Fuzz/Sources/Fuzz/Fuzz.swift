import Glibc

/// libFuzzer's own loop, which calls back with every input.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The name that the package manager gives `main`. (libFuzzer has a `main` of its own, so `@main` cannot stand here.)
/// The variable `FUZZ_TARGET` chooses the target; arguments are libFuzzer's.
@_cdecl("Fuzz_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = Target(rawValue: name) else {
        fail("FUZZ_TARGET is '\(name)', but must be one of \(Target.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    chosen = target
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments) { testOneInput($0, $1) }
}

/// Set once by `start`; libFuzzer calls everything on one thread.
nonisolated(unsafe) private var chosen = Target.gguf

/// What libFuzzer calls with every input; its own `main` names it so.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: data, count: count))
    Cost.limited { chosen.run(input) }
    return 0
}

/// Ends the process so that libFuzzer keeps the input.
func fail(_ message: String) -> Never {
    let line = Array("\nFuzz: \(message)\n".utf8)
    _ = write(2, line, line.count)
    abort()
}
