import ApusModelFiles
import ApusTokenization

/// Keeps the spellings of control tokens in what people say apart from those that a chat template writes.
///
/// A scalar that no text has marks such spellings before the template sees them: behind the first scalar of each, and
/// of each that a text's end begins and its neighbour might complete. The marks come out of the template where that
/// put the texts; they are taken away again, and no control token is parsed across a place where one was.
struct LiteralText {
    /// The scalars of each spelling, by the first.
    private let spellings: [Unicode.Scalar: [[Unicode.Scalar]]]
    private let mark: Unicode.Scalar

    /// - Parameter texts: all that is to be marked, from which the mark is absent.
    init(_ tokenizer: Tokenizer, absentFrom texts: [JSON]) {
        let contents = tokenizer.addedTokens.filter { $0.special && $0.content.count > 1 }
            .compactMap { String(validating: $0.content, as: UTF8.self).map { Array($0.unicodeScalars) } }
        spellings = Dictionary(grouping: contents.filter { $0.count > 1 }) { $0[0] }
        let noncharacters = (0xFDD0...0xFDEF).compactMap { (value: UInt32) in Unicode.Scalar(value) }
        let texts = texts.map { $0.serialized() }
        mark = noncharacters.first { scalar in !texts.contains { $0.unicodeScalars.contains(scalar) } } ?? "\u{E000}"
    }

    func marking(_ message: ChatMessage) -> ChatMessage {
        ChatMessage(role: marking(message.role), content: marking(message.content), fields: marking(message.fields))
    }

    func marking(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): .string(marking(text))
        case .array(let elements): .array(elements.map(marking))
        case .object(let object): .object(marking(object))
        default: value
        }
    }

    private func marking(_ object: JSON.Object) -> JSON.Object {
        JSON.Object(object.entries.map { (marking($0.key), marking($0.value)) })
    }

    private func marking(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { spellings[$0] != nil }) else { return text }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            result.append(scalar)
            let begun = spellings[scalar]?.contains { zip($0, scalars[index...]).allSatisfy { $0 == $1 } } ?? false
            if begun { result.append(mark) }
        }
        return String(result)
    }

    /// A text without its marks, and the byte offsets where they were.
    func unmarked(_ text: String) -> (text: [UInt8], cuts: [Int]) {
        var bytes: [UInt8] = []
        var cuts: [Int] = []
        bytes.reserveCapacity(text.utf8.count)
        for part in text.unicodeScalars.split(separator: mark, omittingEmptySubsequences: false) {
            if !bytes.isEmpty { cuts.append(bytes.count) }
            bytes += String(part).utf8
        }
        return (bytes, cuts)
    }
}
