import Synchronization

@testable import ApusCommandLine

/// A clock that goes forward when told to.
final class HandClock: Sendable {
    private let time = Mutex(0.0)
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
    @Sendable func now() -> Double { time.withLock { $0 } }
}

extension Console {
    /// A console whose messages land in the sink, as on a terminal or as in a file; results go nowhere.
    static func hushed(isTerminal: Bool) -> (Console, MemorySink) {
        let sink = MemorySink()
        let terminal = Terminal(descriptor: -1, isTerminal: isTerminal, usesColour: false)
        return (Console(results: MemorySink(), messages: MessageChannel(sink: sink, terminal: terminal)), sink)
    }
}
