/// Pieces back to text, as sentencepiece does it: control pieces are nothing, byte pieces become characters, `▁` a
/// space, but for the one that encoding put first.
public struct SentencePieceDecoder: TokenDecoder {
    private let vocabulary: SentencePieceVocabulary
    private let denormalizer: SentencePieceNormalizer?
    private let unknownSurface: [UInt8]
    private let dropsFirstSpace: Bool
    private let dropsFirstSpaces: Bool

    private static let space: [UInt8] = [0xE2, 0x96, 0x81]
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    public init(_ model: SentencePieceModel, _ vocabulary: SentencePieceVocabulary) throws(SentencePieceError) {
        self.vocabulary = vocabulary
        unknownSurface = model.unknownSurface
        dropsFirstSpaces = model.normalization.removeExtraWhitespaces
        dropsFirstSpace = model.normalization.addDummyPrefix || dropsFirstSpaces
        if let spec = model.denormalization, !spec.precompiledMap.isEmpty {
            denormalizer = try SentencePieceNormalizer(spec)
        } else {
            denormalizer = nil
        }
    }

    public func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        var text: [UInt8] = []
        var run: [UInt8] = []
        var expectsSpace = true
        var seenSpace = false
        func flush() {
            guard !run.isEmpty else { return }
            run.withUnsafeBufferPointer { run in
                var index = 0
                while index < run.count {
                    let length = characterLength(run, index)
                    if length == 1, run[index] >= 0x80 {
                        text.append(contentsOf: SentencePieceDecoder.replacement)
                    } else {
                        text.append(contentsOf: run[index..<index + length])
                    }
                    index += length
                }
            }
            run = []
        }
        for token in tokens {
            let id = vocabulary.id(of: token)
            let kind = id.flatMap { vocabulary.kind(of: $0) } ?? .unknown
            if kind == .byte, let byte = SentencePieceModel.byteValue(token) {
                run.append(byte)
                continue
            }
            flush()
            if seenSpace || !text.isEmpty { expectsSpace = false }
            seenSpace = false
            switch kind {
            case .control: continue
            case .unknown: text.append(contentsOf: id == nil ? token : unknownSurface)
            default:
                var piece = token[...]
                if expectsSpace, dropsFirstSpace, piece.starts(with: SentencePieceDecoder.space) {
                    piece = piece.dropFirst(3)
                    seenSpace = !dropsFirstSpaces
                }
                text.append(contentsOf: Array(piece).replacing(SentencePieceDecoder.space, by: [0x20]))
            }
        }
        flush()
        guard let denormalizer else { return [text] }
        var aligned = AlignedText(bytes: text)
        denormalizer.normalize(&aligned)
        return [aligned.bytes]
    }
}
