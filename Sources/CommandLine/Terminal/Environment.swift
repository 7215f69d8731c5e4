import ApusModelStore

/// The variables that a program was started with.
typealias Environment = StoreEnvironment

extension StoreEnvironment {
    /// `$XDG_STATE_HOME/apus`, by default `~/.local/state/apus`: where histories are kept. Nil without a home.
    var stateFolder: String? {
        // The specification says that a relative path is to be ignored.
        if let base = self["XDG_STATE_HOME"], base.hasPrefix("/") { return base + "/apus" }
        guard let home = self["HOME"], home.hasPrefix("/") else { return nil }
        return home + "/.local/state/apus"
    }
}
