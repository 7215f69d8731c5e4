/// What a SentencePiece `.model` file says: pieces with scores, and how text is prepared
/// (`sentencepiece_model.proto` of the sentencepiece package).
public struct SentencePieceModel: Sendable {
    public enum Algorithm: UInt64, Sendable {
        case unigram = 1
        case bpe = 2
        case word = 3
        case char = 4
    }

    /// `normalizer_spec` or `denormalizer_spec`.
    public struct Normalization: Sendable {
        public var name: [UInt8] = []
        public var precompiledMap: [UInt8] = []
        public var addDummyPrefix = true
        public var removeExtraWhitespaces = true
        public var escapeWhitespaces = true

        public init() {}
    }

    public var pieces: [Unigram.Entry] = []
    public var algorithm = Algorithm.unigram
    public var byteFallback = false
    public var treatWhitespaceAsSuffix = false
    public var unknownID = 0
    /// -1 where the model has none.
    public var bosID = 1
    public var eosID = 2
    public var padID = -1
    public var unknownSurface = Array(" \u{2047} ".utf8)
    public var bosPiece = Array("<s>".utf8)
    public var eosPiece = Array("</s>".utf8)
    public var padPiece = Array("<pad>".utf8)
    public var normalization = Normalization()
    public var denormalization: Normalization?

    public init() {}

    /// Reads the bytes of a `.model` file and checks what encoding relies on.
    public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(SentencePieceError) {
        var reader = ProtobufReader(bytes)
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            switch field {
            case 1:
                try reader.expect(type, .bytes, "a piece")
                try readPiece(bytes, try reader.bytes())
            case 2:
                try reader.expect(type, .bytes, "trainer_spec")
                try readTrainer(bytes, try reader.bytes())
            case 3:
                try reader.expect(type, .bytes, "normalizer_spec")
                try Self.readNormalization(bytes, try reader.bytes(), into: &normalization)
            case 5:
                try reader.expect(type, .bytes, "denormalizer_spec")
                var spec = denormalization ?? Normalization()
                try Self.readNormalization(bytes, try reader.bytes(), into: &spec)
                denormalization = spec
            default: try reader.skip(type)
            }
        }
        try validate()
    }

    public init(parsing bytes: [UInt8]) throws(SentencePieceError) {
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<SentencePieceModel, SentencePieceError> in
            do throws(SentencePieceError) {
                return .success(try SentencePieceModel(parsing: buffer))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    private mutating func readPiece(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) throws(SentencePieceError)
    {
        var entry = Unigram.Entry(spelling: [], score: 0)
        var reader = ProtobufReader(bytes, range)
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            switch field {
            case 1:
                try reader.expect(type, .bytes, "a piece's text")
                entry.spelling = Array(bytes[try reader.bytes()])
            case 2:
                try reader.expect(type, .fixed32, "a piece's score")
                entry.score = Double(Float(bitPattern: try reader.fixed32()))
            case 3:
                try reader.expect(type, .varint, "a piece's type")
                let value = try reader.varint()
                guard value <= 255, let kind = Unigram.Kind(rawValue: UInt8(value)) else {
                    throw SentencePieceError.badPieceType(id: pieces.count, type: value)
                }
                entry.kind = kind
            default: try reader.skip(type)
            }
        }
        pieces.append(entry)
    }

    private mutating func readTrainer(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) throws(SentencePieceError) {
        var reader = ProtobufReader(bytes, range)
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            switch field {
            case 3, 24, 35, 40, 41, 42, 43:
                try reader.expect(type, .varint, "trainer_spec field \(field)")
                let value = try reader.varint()
                let id = Int(Int32(truncatingIfNeeded: value))
                switch field {
                case 3:
                    guard let algorithm = Algorithm(rawValue: value) else {
                        throw SentencePieceError.unknownModelType(value)
                    }
                    self.algorithm = algorithm
                case 24: treatWhitespaceAsSuffix = value != 0
                case 35: byteFallback = value != 0
                case 40: unknownID = id
                case 41: bosID = id
                case 42: eosID = id
                default: padID = id
                }
            case 44, 46, 47, 48:
                try reader.expect(type, .bytes, "trainer_spec field \(field)")
                let text = Array(bytes[try reader.bytes()])
                switch field {
                case 44: unknownSurface = text
                case 46: bosPiece = text
                case 47: eosPiece = text
                default: padPiece = text
                }
            default: try reader.skip(type)
            }
        }
    }

    private static func readNormalization(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into spec: inout Normalization
    ) throws(SentencePieceError) {
        var reader = ProtobufReader(bytes, range)
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            switch field {
            case 1:
                try reader.expect(type, .bytes, "the normaliser's name")
                spec.name = Array(bytes[try reader.bytes()])
            case 2:
                try reader.expect(type, .bytes, "precompiled_charsmap")
                spec.precompiledMap = Array(bytes[try reader.bytes()])
            case 3, 4, 5:
                try reader.expect(type, .varint, "normalizer_spec field \(field)")
                let value = try reader.varint() != 0
                switch field {
                case 3: spec.addDummyPrefix = value
                case 4: spec.removeExtraWhitespaces = value
                default: spec.escapeWhitespaces = value
                }
            default: try reader.skip(type)
            }
        }
    }

    /// The checks that the sentencepiece package makes when it loads a model.
    private mutating func validate() throws(SentencePieceError) {
        guard !pieces.isEmpty else { throw SentencePieceError.noPieces }
        var matched: Set<[UInt8]> = []
        var reserved: Set<[UInt8]> = []
        var unknown: Int?
        var bytes = [Bool](repeating: false, count: 256)
        for (id, entry) in pieces.enumerated() {
            var text: String { String(decoding: entry.spelling, as: UTF8.self) }
            guard !entry.spelling.isEmpty else { throw SentencePieceError.emptyPiece(id: id) }
            guard !entry.score.isNaN else { throw SentencePieceError.badScore(id: id, piece: text) }
            let isNew =
                switch entry.kind {
                case .normal, .userDefined, .unused: matched.insert(entry.spelling).inserted
                case .unknown, .control, .byte: reserved.insert(entry.spelling).inserted
                }
            guard isNew else { throw SentencePieceError.duplicatePiece(id: id, piece: text) }
            if entry.kind == .unknown {
                guard unknown == nil else { throw SentencePieceError.secondUnknownPiece(id: id) }
                unknown = id
            }
            if entry.kind == .byte {
                guard byteFallback, let byte = SentencePieceModel.byteValue(entry.spelling) else {
                    throw SentencePieceError.badBytePiece(id: id, piece: text)
                }
                bytes[Int(byte)] = true
            }
        }
        guard let unknown else { throw SentencePieceError.noUnknownPiece }
        unknownID = unknown
        if byteFallback, let byte = bytes.firstIndex(of: false) {
            throw SentencePieceError.missingBytePiece(byte: UInt8(byte))
        }
        bosID = controlID(bosPiece)
        eosID = controlID(eosPiece)
        padID = controlID(padPiece)
    }

    /// The id of a control piece, or -1: `bos_id()` and its like in the sentencepiece package.
    private func controlID(_ spelling: [UInt8]) -> Int {
        pieces.firstIndex { $0.kind == .control && $0.spelling == spelling } ?? -1
    }

    /// The value of `<0x00>` to `<0xFF>`, in capitals as sentencepiece writes them.
    static func byteValue(_ spelling: [UInt8]) -> UInt8? {
        guard spelling.count == 6, spelling.starts(with: Array("<0x".utf8)), spelling[5] == UInt8(ascii: ">") else {
            return nil
        }
        var value: UInt8 = 0
        for digit in spelling[3...4] {
            switch digit {
            case 48...57: value = value << 4 | (digit - 48)
            case 65...70: value = value << 4 | (digit - 55)
            default: return nil
            }
        }
        return value
    }
}
