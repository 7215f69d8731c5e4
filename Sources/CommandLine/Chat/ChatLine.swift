/// What a line at the chat's prompt asks for.
enum ChatLine: Equatable, Sendable {
    case say(String)
    case help
    /// A new system message; nil shows the present one, an empty text takes it away.
    case system(String?)
    case temperature(String?)
    case save(String?)
    case clear
    case stats
    case exit
    case unknown(String)

    static let commands = ["/help", "/system", "/temperature", "/save", "/clear", "/stats", "/exit"]

    /// A line that begins with a slash is a command; a space before the slash makes it a text.
    init(_ line: String) {
        guard line.first == "/" else {
            self = .say(line)
            return
        }
        let word = line.prefix { !$0.isWhitespace }
        let rest = line.dropFirst(word.count).drop { $0.isWhitespace }
        let argument = rest.isEmpty ? nil : String(rest)
        switch word {
        case "/help", "/?": self = .help
        case "/system": self = .system(argument == "-" ? "" : argument)
        case "/temperature", "/temp": self = .temperature(argument)
        case "/save": self = .save(argument)
        case "/clear", "/reset", "/new": self = .clear
        case "/stats": self = .stats
        case "/exit", "/quit", "/bye", "/q": self = .exit
        default: self = .unknown(String(word))
        }
    }
}
