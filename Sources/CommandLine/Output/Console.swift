/// Where a command's results and messages go, and in which language.
///
/// Results go to standard output, everything else to standard error. A test runs a command with a console of its own:
/// `Console.$current.withValue(console) { … }`.
struct Console: Sendable {
    let results: any ByteSink
    let messages: MessageChannel
    let words: Messages
    /// Where results are seen.
    let terminal: Terminal
    /// Colours for results.
    let style: Style
    let environment: Environment

    @TaskLocal static var current = Console()

    /// The process's own standard output and standard error.
    init() {
        terminal = Terminal(descriptor: 1)
        results = FileSink(descriptor: 1, isTerminal: terminal.isTerminal)
        messages = MessageChannel(
            sink: FileSink(descriptor: 2, isTerminal: true), terminal: Terminal(descriptor: 2))
        words = Messages(language: Language(environment: .process))
        style = Style(isOn: terminal.usesColour)
        environment = .process
    }

    init(
        results: any ByteSink, messages: MessageChannel, language: Language = .english, terminal: Terminal = .none,
        environment: Environment = Environment([:])
    ) {
        self.results = results
        self.messages = messages
        words = Messages(language: language)
        self.terminal = terminal
        style = Style(isOn: terminal.usesColour)
        self.environment = environment
    }

    /// Writes a line of a result.
    func print(_ text: String = "") { results.write(text + "\n") }

    /// Writes part of a result exactly as it is.
    func write(_ text: String) { results.write(text) }

    func write(bytes: some Sequence<UInt8>) { results.write(Array(bytes)) }

    /// Sends what waits: at the end, and after each piece of a stream.
    func flush() { results.flush() }

    /// Writes a line for the user that is no result.
    func note(_ text: String) { messages.line(text) }
}
