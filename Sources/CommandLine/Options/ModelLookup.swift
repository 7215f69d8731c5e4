import ApusModelFiles
import ApusTokenization

/// TEMPORARY until the facade is there.
enum ModelLookup {
    static let shippedName = "apus"
    static func tokenizer(_ model: String?, pattern: String?, environment: Environment) throws -> Tokenizer {
        throw CommandError.cannotRead(path: model ?? "", reason: "not yet")
    }
}
