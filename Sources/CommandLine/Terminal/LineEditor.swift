import Glibc

/// Reads what a user writes at a prompt: with line editing and history at a terminal, line by line otherwise.
struct LineEditor {
    enum Input: Equatable, Sendable {
        case text(String)
        /// Ctrl-C; `isEmpty` tells whether there was nothing on the line.
        case interrupted(isEmpty: Bool)
        case ended
    }

    private(set) var history: LineHistory
    private let input: Terminal
    private let output: Terminal
    private let environment: Environment
    private let completions: @Sendable (String) -> [String]
    private var plain = PlainLines(descriptor: STDIN_FILENO)

    init(
        history: LineHistory, environment: Environment = .process,
        completions: @escaping @Sendable (String) -> [String] = { _ in [] }
    ) {
        self.history = history
        self.environment = environment
        self.completions = completions
        input = Terminal(descriptor: STDIN_FILENO, environment: environment)
        output = Terminal(descriptor: STDOUT_FILENO, environment: environment)
    }

    /// Whether somebody sits there who can edit.
    var isInteractive: Bool { input.isTerminal && output.isTerminal && environment["TERM"] != "dumb" }

    /// Reads one message.
    /// - Parameters:
    ///   - prompt: before the first line.
    ///   - searchPrompt: what to write before the query while searching in the history.
    mutating func read(prompt: String, searchPrompt: String = "search: ") -> Input {
        guard isInteractive, RawMode.begin() else { return readPlain(prompt: prompt) }
        defer { RawMode.end() }
        let result = edit(prompt: prompt, searchPrompt: searchPrompt)
        if case .text(let text) = result { history.append(text) }
        return result
    }

    private func edit(prompt: String, searchPrompt: String) -> Input {
        var editing = LineEditing(history: history.entries, completions: completions)
        var decoder = KeyDecoder()
        var screen = Screen(output: output)
        let continuation = String(repeating: " ", count: max(0, CharacterWidth.columns(prompt) - 2)) + "… "
        func show() {
            var shownPrompt = prompt
            if let search = editing.search { shownPrompt = "(\(searchPrompt)\(search.query)) " }
            screen.show(prompt: shownPrompt, continuation: continuation, buffer: editing.shown)
        }
        show()
        while true {
            let byte: UInt8
            switch nextEvent(decoder) {
            case .byte(let next): byte = next
            case .resized:
                screen.resize()
                show()
                continue
            case .pause:
                if let key = decoder.timeout() { _ = editing.handle(key) }
                show()
                continue
            case .end:
                screen.leave(prompt: prompt, continuation: continuation, buffer: editing.shown)
                return .ended
            }
            guard let key = decoder.feed(byte) else { continue }
            let outcome = editing.handle(key)
            // While more is waiting (a paste, typed-ahead keys), the picture can wait too.
            if outcome == .editing, hasMoreInput { continue }
            switch outcome {
            case .editing: show()
            case .refused:
                show()
                screen.bell()
            case .clearScreen:
                screen.clear()
                show()
            case .suspend:
                RawMode.end()
                Self.stopProgram()
                guard RawMode.begin() else { return .ended }
                screen.forget()
                show()
            case .submitted(let text):
                screen.leave(prompt: prompt, continuation: continuation, buffer: editing.shown)
                return .text(text)
            case .interrupted:
                screen.leave(prompt: prompt, continuation: continuation, buffer: editing.shown, mark: "^C")
                return .interrupted(isEmpty: editing.buffer.isEmpty)
            case .ended:
                screen.leave(prompt: prompt, continuation: continuation, buffer: editing.shown)
                return .ended
            }
        }
    }

    private var hasMoreInput: Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    private enum Event {
        case byte(UInt8)
        case resized
        /// An escape stayed alone for 50 ms.
        case pause
        case end
    }

    private func nextEvent(_ decoder: KeyDecoder) -> Event {
        let window = WindowChange.descriptor
        while true {
            var descriptors = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: window, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&descriptors, nfds_t(descriptors.count), decoder.isWaitingAfterEscape ? 50 : -1)
            if count == 0 { return .pause }
            if count < 0 {
                if errno == EINTR { continue }
                return .end
            }
            if descriptors[1].revents != 0, WindowChange.take() { return .resized }
            guard descriptors[0].revents != 0 else { continue }
            var byte: UInt8 = 0
            let got = Glibc.read(STDIN_FILENO, &byte, 1)
            if got == 1 { return .byte(byte) }
            if got == 0 || errno != EINTR { return .end }
        }
    }

    /// Stops the program as Ctrl-Z does elsewhere, and returns when it goes on.
    private static func stopProgram() {
        // To this very thread, so that the program has stopped before the next line runs; the threads of Swift's
        // runtime have signals blocked.
        var stop = sigset_t()
        var before = sigset_t()
        sigemptyset(&stop)
        sigaddset(&stop, SIGTSTP)
        pthread_sigmask(SIG_UNBLOCK, &stop, &before)
        raise(SIGTSTP)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    /// Several lines are one message here too.
    private mutating func readPlain(prompt: String) -> Input {
        if input.isTerminal {
            var bytes = Array(prompt.utf8)
            write(STDOUT_FILENO, &bytes, bytes.count)
        }
        var text: String?
        while let line = plain.next() {
            let whole = text.map { $0 + "\n" + line } ?? line
            if case .complete(let finished) = MultilineInput.state(of: whole) { return .text(finished) }
            text = whole
        }
        return text.map { .text($0) } ?? .ended
    }
}
