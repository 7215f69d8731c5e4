/// What a constraint can't do.
public enum ConstraintError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A keyword of a schema that is not enforced. `at` is the JSON pointer of the keyword.
    case unsupported(keyword: String, at: String, advice: String)
    /// A keyword's value that makes no sense.
    case malformed(at: String, reason: String)
    /// A reference that leads nowhere, or only to itself.
    case reference(String, at: String, reason: String)
    /// Two parts of a schema that both apply, and can't be made one.
    case notMergeable(keyword: String, at: String)
    /// Nothing fits the schema.
    case unsatisfiable
    /// The schema, or what it becomes, is too large.
    case tooLarge(String)
    /// No token of the vocabulary goes on with the text as it has to.
    case noToken(after: String)
    /// Options that contradict a constraint.
    case conflict(parameter: String, reason: String)

    public var description: String {
        switch self {
        case .unsupported(let keyword, let at, let advice):
            "schema, \(Self.place(at)): «\(keyword)» is not supported; \(advice)"
        case .malformed(let at, let reason): "schema, \(Self.place(at)): \(reason)"
        case .reference(let reference, let at, let reason):
            "schema, \(Self.place(at)): the reference «\(reference)» \(reason)"
        case .notMergeable(let keyword, let at):
            "schema, \(Self.place(at)): two different «\(keyword)» apply to one value; write one that says both"
        case .unsatisfiable:
            "no value fits the schema within 64 levels: look for required properties that are false, limits that exclude "
                + "each other, and references that never end"
        case .tooLarge(let what): "the schema is too large: \(what); write a smaller one"
        case .noToken(let text):
            "the vocabulary has no token that can follow «\(text)» in this schema, or a logit bias excludes all"
        case .conflict(let parameter, let reason): "\(parameter) can't be combined with a schema: \(reason)"
        }
    }

    private static func place(_ pointer: String) -> String { pointer.isEmpty ? "at its root" : "at \(pointer)" }
}
