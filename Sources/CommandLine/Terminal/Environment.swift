import Glibc

/// The variables that a program was started with.
struct Environment: Sendable {
    private let fixed: [String: String]?

    /// The process's own variables, read at each question.
    static let process = Environment(fixed: nil)

    /// Given variables and no others, for tests.
    init(_ variables: [String: String]) { self.init(fixed: variables) }

    private init(fixed: [String: String]?) { self.fixed = fixed }

    subscript(name: String) -> String? {
        if let fixed { return fixed[name] }
        return getenv(name).map { String(cString: $0) }
    }

    /// `$XDG_STATE_HOME/apus`, by default `~/.local/state/apus`: where histories are kept. Nil without a home.
    var stateFolder: String? {
        // The specification says that a relative path is to be ignored.
        if let base = self["XDG_STATE_HOME"], base.hasPrefix("/") { return base + "/apus" }
        guard let home = self["HOME"], home.hasPrefix("/") else { return nil }
        return home + "/.local/state/apus"
    }
}
