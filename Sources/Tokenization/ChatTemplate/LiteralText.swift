import ApusModelFiles

/// Keeps the spellings of control tokens in what people say apart from those that a chat template writes.
///
/// A scalar that no text has marks such spellings before the template sees them: behind the first scalar of each, and
/// of each that a text's end begins and its neighbour might complete. The marks come out of the template where that
/// put the texts; they are taken away again, and no control token is parsed that has a letter before a mark.
package struct LiteralText {
    /// The spellings of a tokenizer's control tokens, for many texts.
    package struct Spellings: Sendable {
        /// By their first scalar.
        fileprivate let byFirst: [Unicode.Scalar: [[Unicode.Scalar]]]

        package init(_ tokenizer: Tokenizer) {
            let contents = tokenizer.addedTokens.filter { $0.special && !$0.content.isEmpty }
                .compactMap { String(validating: $0.content, as: UTF8.self).map { Array($0.unicodeScalars) } }
            byFirst = Dictionary(grouping: contents) { $0[0] }
        }
    }

    private let spellings: [Unicode.Scalar: [[Unicode.Scalar]]]
    private let mark: Unicode.Scalar

    /// - Parameter texts: all that is to be marked, from which the mark is absent.
    package init(_ tokenizer: Tokenizer, absentFrom texts: [JSON]) {
        self.init(Spellings(tokenizer), absentFrom: texts)
    }

    /// - Parameter texts: all that is to be marked, from which the mark is absent.
    package init(_ spellings: Spellings, absentFrom texts: [JSON]) {
        self.spellings = spellings.byFirst
        mark = Self.free(in: texts)
    }

    /// A scalar that no text has: of the noncharacters, which no text should have, or of those for private use.
    private static func free(in texts: [JSON]) -> Unicode.Scalar {
        let first = Unicode.Scalar(0xFDD0 as UInt16) ?? "\u{10FFFD}"
        let all = texts.map { $0.serialized() }
        if !all.contains(where: { $0.unicodeScalars.contains(first) }) { return first }
        let used = all.reduce(into: Set<Unicode.Scalar>()) { $0.formUnion($1.unicodeScalars) }
        let candidates: [ClosedRange<UInt32>] = [0xFDD1...0xFDEF, 0xE000...0xF8FF, 0xF0000...0xFFFFD]
        return candidates.joined().lazy.compactMap { Unicode.Scalar($0) }.first { !used.contains($0) } ?? "\u{10FFFD}"
    }

    package func marking(_ message: ChatMessage) -> ChatMessage {
        ChatMessage(role: marking(message.role), content: marking(message.content), fields: marking(message.fields))
    }

    package func marking(_ value: JSON) -> JSON {
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

    /// A text without its marks, and the byte offsets where they were: each behind a letter that is text.
    package func unmarked(_ text: String) -> (text: [UInt8], letters: [Int]) {
        var bytes: [UInt8] = []
        var letters: [Int] = []
        bytes.reserveCapacity(text.utf8.count)
        for part in text.unicodeScalars.split(separator: mark, omittingEmptySubsequences: false) {
            if !bytes.isEmpty { letters.append(bytes.count) }
            bytes += String(part).utf8
        }
        return (bytes, letters)
    }

    /// Ranges of bytes of a text with marks, as ranges of the text without them.
    ///
    /// - Parameter letters: as `unmarked(_:)` gave them.
    package func unmarked(_ ranges: [Range<Int>], letters: [Int]) -> [Range<Int>] {
        let markLength = UTF8.width(mark)
        func place(_ marked: Int) -> Int {
            // The mark of number k lies at letters[k] + k * markLength of the marked text.
            var (low, high) = (0, letters.count)
            while low < high {
                let middle = (low + high) / 2
                if letters[middle] + middle * markLength < marked { low = middle + 1 } else { high = middle }
            }
            return marked - low * markLength
        }
        return ranges.map { place($0.lowerBound)..<place($0.upperBound) }
    }
}
