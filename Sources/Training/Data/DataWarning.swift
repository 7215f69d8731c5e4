import ApusTokenization

/// Something about the data that somebody may want to know before training on them.
public struct DataWarning: Sendable, Equatable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Lines end as on Windows.
        case carriageReturns
        /// A control token's spelling in a text; it is learned as letters.
        case controlToken
        /// U+FFFD: somebody's decoding has lost characters.
        case replacementCharacter
        /// Letters such as "Ã©" and "â€™": UTF-8 that was read as Latin-1.
        case mojibake
        /// A document without any text; it is left out.
        case emptyDocument
        case emptyPrompt
        /// The row teaches nothing and is left out.
        case emptyCompletion
        /// Cut to the context.
        case cut
        /// Cut to the context, nothing of the answer was left, so the row is left out.
        case cutAway
        /// The same row once more.
        case duplicate
        /// A prompt that was there, with another answer.
        case otherAnswer
        /// The two answers of a preference are the same; the row is left out.
        case sameAnswers
        /// The conversation ends with somebody whom the assistant does not answer.
        case unanswered
        /// Keys that are not used.
        case unusedKeys
        /// A key stands more than once in an object; the last one counts.
        case repeatedKey
        /// The template lets the learned part end without a token that ends generation.
        case endNotLearned
        /// The template writes something before an answer that is generated, but not before one that was given.
        case otherGenerationPrompt
        /// A file of a folder that is no text.
        case skippedFile
    }

    public var kind: Kind
    public var place: DataPlace
    /// What it is about: a token, a key, a line.
    public var detail: String

    public init(_ kind: Kind, _ place: DataPlace, _ detail: String = "") {
        self.kind = kind
        self.place = place
        self.detail = detail
    }
}

/// Finds what a text should hardly have.
struct TextInspection: Sendable {
    struct Finding: Sendable, Equatable {
        var kind: DataWarning.Kind
        var offset: Int
        var detail: String = ""
    }

    /// Spellings of control tokens by their first byte.
    private let controls: [[[UInt8]]]
    private let interesting: [Bool]

    init(_ tokenizer: Tokenizer) {
        var controls = [[[UInt8]]](repeating: [], count: 256)
        var interesting = [Bool](repeating: false, count: 256)
        for token in tokenizer.addedTokens where token.special && token.content.count >= 3 {
            controls[Int(token.content[0])].append(token.content)
            interesting[Int(token.content[0])] = true
        }
        for byte in [0x0D, 0xC3, 0xEF] { interesting[byte] = true }
        self.controls = controls.map { $0.sorted { $0.count > $1.count } }
        self.interesting = interesting
    }

    /// The first finding of each kind and control token.
    func findings(in bytes: UnsafeRawBufferPointer) -> [Finding] {
        var found: [Finding] = []
        func note(_ kind: DataWarning.Kind, _ offset: Int, _ detail: String = "") {
            if !found.contains(where: { $0.kind == kind && $0.detail == detail }) {
                found.append(Finding(kind: kind, offset: offset, detail: detail))
            }
        }
        func matches(_ spelling: [UInt8], _ place: Int) -> Bool {
            place + spelling.count <= bytes.count && bytes[place..<place + spelling.count].elementsEqual(spelling)
        }
        interesting.withUnsafeBufferPointer { interesting in
            for place in bytes.indices where interesting[Int(bytes[place])] {
                let byte = bytes[place]
                switch byte {
                case 0x0D where matches([0x0D, 0x0A], place): note(.carriageReturns, place)
                case 0xEF where matches([0xEF, 0xBF, 0xBD], place): note(.replacementCharacter, place)
                // "Ã" or "â" and what Latin-1 and Windows-1252 make of the next byte of UTF-8.
                case 0xC3 where matches([0xC3, 0x83, 0xC2], place) || matches([0xC3, 0xA2, 0xE2, 0x82, 0xAC], place):
                    note(.mojibake, place)
                default: break
                }
                if let spelling = controls[Int(byte)].first(where: { matches($0, place) }) {
                    note(.controlToken, place, String(decoding: spelling, as: UTF8.self))
                }
            }
        }
        return found
    }

    func findings(in text: String) -> [Finding] {
        var text = text
        return text.withUTF8 { findings(in: UnsafeRawBufferPointer($0)) }
    }
}
