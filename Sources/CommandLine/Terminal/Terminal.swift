import Glibc

/// What stands at the other end of a file descriptor: a person's terminal, or a file or another program.
struct Terminal: Sendable {
    let descriptor: Int32
    let isTerminal: Bool
    /// Whether colours may be sent.
    let usesColour: Bool
    /// Whether the cursor can be moved and rows be erased.
    let movesCursor: Bool

    init(descriptor: Int32, environment: Environment = .process) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        usesColour = Self.allowsColour(isTerminal: isTerminal, environment: environment)
        movesCursor = isTerminal && environment["TERM"] != "dumb"
    }

    /// Fixed answers, for tests.
    init(descriptor: Int32, isTerminal: Bool, usesColour: Bool) {
        self.descriptor = descriptor
        self.isTerminal = isTerminal
        self.usesColour = usesColour
        movesCursor = isTerminal
    }

    /// No terminal at all.
    static let none = Terminal(descriptor: -1, isTerminal: false, usesColour: false)

    /// The rules of no-color.org and of CLICOLOR: a non-empty `NO_COLOR` wins, then `CLICOLOR_FORCE`, then what the
    /// terminal is.
    static func allowsColour(isTerminal: Bool, environment: Environment) -> Bool {
        if environment["NO_COLOR"] != nil { return false }
        if let value = environment["CLICOLOR_FORCE"], value != "0" { return true }
        if environment["CLICOLOR"] == "0" || environment["TERM"] == "dumb" { return false }
        return isTerminal
    }

    /// Columns and rows now; 80 by 24 where nobody says.
    var size: (columns: Int, rows: Int) {
        var window = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 {
            return (Int(window.ws_col), window.ws_row > 0 ? Int(window.ws_row) : 24)
        }
        if let columns = Environment.process["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return (columns, 24) }
        return (80, 24)
    }
}
