import ApusGeneration
import ArgumentParser
import Glibc
import Synchronization

/// A chat in the terminal: reads lines, obeys commands, shows replies as they come.
struct ChatSession {
    private let voice: any ChatVoice
    private let console: Console
    private var conversation: Conversation
    private var options: SamplingOptions
    private var editor: LineEditor
    private var totals = ReplyFigures()
    private var replies = 0
    private var lastTotal = 0
    private var savedTo: String?

    init(voice: any ChatVoice, options: SamplingOptions, system: String?, console: Console) {
        self.voice = voice
        self.console = console
        self.options = options
        conversation = Conversation(hasTemplate: voice.hasTemplate, system: system)
        let path = console.environment.stateFolder.map { $0 + "/history" }
        editor = LineEditor(history: LineHistory(path: path), environment: console.environment) { text in
            text.hasPrefix("/") ? ChatLine.commands.filter { $0.hasPrefix(text) } : []
        }
    }

    private var words: Messages { console.words }
    private func note(_ text: String) {
        let terminal = console.messages.terminal
        let text = terminal.movesCursor ? WordWrap.wrapped(text, columns: terminal.size.columns) : text
        console.note(console.messages.style.dim(text))
    }

    mutating func run() async throws {
        if editor.isInteractive {
            console.note(words.chatWelcome(voice.name, hasTemplate: voice.hasTemplate))
        }
        var wantsToLeave = false
        while true {
            switch editor.read(prompt: voice.hasTemplate ? "> " : "» ", searchPrompt: words.searchPrompt) {
            case .ended: return
            case .interrupted(let isEmpty):
                // As shells and interpreters do: Ctrl-C empties the line; twice on an empty line leaves.
                if isEmpty, wantsToLeave { return }
                wantsToLeave = isEmpty
                if isEmpty { note(words.howToLeave) }
            case .text(let line):
                wantsToLeave = false
                if try await !obey(ChatLine(line)) { return }
            }
        }
    }

    /// - Returns: false at the end of the chat.
    private mutating func obey(_ line: ChatLine) async throws -> Bool {
        switch line {
        case .say(let text):
            // An empty line goes on with a text, and is nothing in a conversation.
            if text.allSatisfy(\.isWhitespace), voice.hasTemplate || conversation.isEmpty { return true }
            try await speak(text)
        case .help: console.note(words.chatHelp(hasTemplate: voice.hasTemplate))
        case .system(let text): setSystem(text)
        case .temperature(let value): setTemperature(value)
        case .save(let path): save(path)
        case .clear:
            conversation.clear()
            note(words.cleared)
        case .stats: showStats()
        case .exit: return false
        case .unknown(let word): note(words.unknownChatCommand(word))
        }
        return true
    }

    private mutating func speak(_ line: String) async throws {
        makeRoom()
        let prompt = conversation.prompt(adding: line)
        let voice = voice
        let options = options
        let console = console
        let box = Heard()
        let writer = ReplyWriter(console: console)
        let progress = PromptProgress(console: console)
        var figures = ReplyFigures()
        do {
            figures = try await Interrupt.during {
                defer { progress.finish() }
                return try await voice.speak(prompt, options: options) {
                    progress.update($0, of: $1)
                } hear: { piece in
                    box.add(piece)
                    writer.write(piece)
                }
            }
        } catch is CancellationError {
            figures.ending = .interrupted
        } catch {
            if !box.text.isEmpty { console.print() }
            console.note("apus: \(console.words.failure(error))")
            // With nobody at the keyboard an error must not look like success.
            if !editor.isInteractive { throw ExitCode.failure }
            return
        }
        console.print()
        console.flush()
        conversation.add(line: line, reply: box.text)
        count(figures)
        note(words.replyFigures(figures))
        if figures.ending == .length, lastTotal >= voice.context { note(words.windowFull(voice.context)) }
    }

    /// A conversation may go on for longer than the window, whose last fifth is for the next question and its answer.
    private mutating func makeRoom() {
        guard voice.hasTemplate, lastTotal > voice.context / 5 * 4 else { return }
        let exchanges = conversation.forgetOlderHalf()
        if exchanges > 0 { note(words.exchangesForgotten(exchanges, window: voice.context)) }
    }

    private mutating func count(_ figures: ReplyFigures) {
        replies += 1
        lastTotal = figures.promptTokens + figures.completionTokens
        totals.prefilledTokens += figures.prefilledTokens
        totals.completionTokens += figures.completionTokens
        totals.prefillSeconds += figures.prefillSeconds
        totals.decodeSeconds += figures.decodeSeconds
    }

    private mutating func setSystem(_ text: String?) {
        guard voice.hasTemplate else { return note(words.noSystem) }
        guard let text else { return note(conversation.system ?? words.noSystemYet) }
        conversation.system = text.isEmpty ? nil : text
        note(words.systemSet)
    }

    private mutating func setTemperature(_ value: String?) {
        guard let value else { return note("\(options.temperature)") }
        var changed = options
        guard let number = Double(value) else { return note(words.notANumber(value)) }
        changed.temperature = number
        do {
            try changed.validate()
            options = changed
            note(words.temperatureSet(value))
        } catch {
            note(error.description)
        }
    }

    private mutating func save(_ given: String?) {
        guard !conversation.isEmpty else { return note(words.nothingToSave) }
        let path = given ?? savedTo ?? Self.fileName()
        let contents = path.hasSuffix(".json") ? conversation.json.serialized() + "\n" : conversation.markdown
        // Never over somebody else's file; over one's own of this chat again and again.
        let flags = path == savedTo ? O_WRONLY | O_TRUNC | O_CLOEXEC : O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let descriptor = open(path, flags, 0o600)
        guard descriptor >= 0 else {
            let exists = errno == EEXIST
            return note(exists ? words.fileExists(path) : words.cannotSave(path, String(cString: strerror(errno))))
        }
        let sink = FileSink(descriptor: descriptor, isTerminal: false)
        sink.write(contents)
        sink.flush()
        close(descriptor)
        savedTo = path
        note(words.saved(path))
    }

    private static func fileName() -> String {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, "apus-chat-%Y%m%d-%H%M%S.md", &local)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func showStats() {
        console.note(
            words.chatStats(replies: replies, totals: totals, used: lastTotal, context: voice.context))
    }
}

/// The reply so far, also for an end by Ctrl-C.
private final class Heard: Sendable {
    private let kept = Mutex("")
    func add(_ piece: String) { kept.withLock { $0 += piece } }
    var text: String { kept.withLock { $0 } }
}
