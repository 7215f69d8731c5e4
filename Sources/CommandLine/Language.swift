/// The language of messages.
enum Language: Sendable {
    case english
    case chinese

    /// The locale for messages, as POSIX orders the variables: the first that is not empty decides.
    init(environment: Environment) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first
        self = locale?.hasPrefix("zh") == true ? .chinese : .english
    }
}
