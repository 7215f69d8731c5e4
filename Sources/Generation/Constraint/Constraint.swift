import ApusModelFiles

/// What a generated text must be, whatever the model thinks of it: JSON of a certain shape.
///
/// ```swift
/// var options = GenerationOptions()
/// options.constraint = try .jsonSchema(["type": "object", "properties": ["age": ["type": "integer"]]])
/// ```
///
/// Tokens that can't lead to such a text are never chosen, and the text ends where the document does. Where the number
/// of tokens runs out before, the finish reason is ``FinishReason/length`` and the document is incomplete.
///
/// A constraint knows nothing of a vocabulary: one serves any number of texts of any models.
public struct Constraint: Sendable {
    let grammar: Grammar

    /// Any JSON object, 64 levels deep at most.
    public static let jsonObject = Constraint(grammar: JSONGrammar.anyObject)

    /// JSON that a schema describes (JSON Schema 2020-12, as far as `docs/structured-output.md` says).
    ///
    /// - Throws: ``ConstraintError`` for a keyword that is not supported, with its JSON pointer; for a schema that nothing
    ///   fits; and for one that is too large.
    public static func jsonSchema(_ schema: JSON) throws(ConstraintError) -> Constraint {
        Constraint(grammar: try SchemaCompiler.grammar(of: schema))
    }

    /// The schema of a file's text.
    ///
    /// - Parameter source: the file's name, for messages.
    /// - Throws: `JSONError` where the text is no JSON, and what ``jsonSchema(_:)`` throws.
    public static func jsonSchema(parsing text: [UInt8], source: String? = nil) throws -> Constraint {
        guard text.count <= SchemaCompiler.mostBytes else {
            throw ConstraintError.tooLarge("it has \(text.count) bytes")
        }
        let schema = try JSON(
            parsing: text, maximumDepth: SchemaCompiler.mostLevels, maximumValues: SchemaCompiler.mostBytes,
            source: source)
        return try jsonSchema(schema)
    }
}
