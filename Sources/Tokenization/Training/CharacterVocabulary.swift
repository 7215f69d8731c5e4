import ApusModelFiles

/// A vocabulary of single characters: each Unicode scalar that a text has is a token. What nanoGPT calls a character-level
/// model; for experiments and small alphabets.
public enum CharacterVocabulary {
    /// A `tokenizer.json` with the end token first and then the characters of the files in ascending order.
    ///
    /// - Throws: `FileError`; ``Problem`` for bytes that are no UTF-8 and for more characters than a vocabulary should have.
    public static func tokenizer(files: [String], endToken: String = "<|endoftext|>") throws -> JSON {
        var seen: Set<UInt32> = []
        for file in files {
            try FileMapping(path: file).withBytes { bytes in
                var decoder = UTF8()
                var iterator = bytes.makeIterator()
                var offset = 0
                decoding: while true {
                    switch decoder.decode(&iterator) {
                    case .scalarValue(let scalar):
                        seen.insert(scalar.value)
                        offset += UTF8.width(scalar)
                    case .emptyInput: break decoding
                    case .error: throw Problem.notUTF8(file: file, offset: offset)
                    }
                }
            }
        }
        guard seen.count <= mostCharacters else { throw Problem.tooManyCharacters(seen.count) }
        var vocabulary: JSON.Object = [endToken: 0]
        for (index, value) in seen.sorted().enumerated() {
            if let scalar = Unicode.Scalar(value) { vocabulary[String(Character(scalar))] = .integer(index + 1) }
        }
        let end: JSON = [
            "id": 0, "content": .string(endToken), "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true,
        ]
        return [
            "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": [end], "normalizer": .null,
            "pre_tokenizer": .null, "post_processor": .null, "decoder": ["type": "Fuse"],
            "model": [
                "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
                "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": .object(vocabulary), "merges": [],
            ],
        ]
    }

    /// More than the largest of today's scripts have together in common texts.
    static let mostCharacters = 65_536

    public enum Problem: Error, Equatable, CustomStringConvertible {
        case notUTF8(file: String, offset: Int)
        case tooManyCharacters(Int)

        public var description: String {
            switch self {
            case .notUTF8(let file, let offset): "\(file): byte \(offset) is not UTF-8; convert the file first"
            case .tooManyCharacters(let count):
                "the texts have \(count) different characters, more than a vocabulary of characters should; train a "
                    + "tokenizer of another kind"
            }
        }
    }
}
