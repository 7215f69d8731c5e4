/// Why a SentencePiece model file cannot be used, and where in it the reason lies.
public enum SentencePieceError: Error, Sendable, Equatable, CustomStringConvertible {
    case truncated(offset: Int)
    case badNumber(offset: Int)
    case badField(field: Int, offset: Int)
    case badLength(length: UInt64, left: Int, offset: Int)
    case wrongType(field: String, offset: Int)
    case noPieces
    case emptyPiece(id: Int)
    case badPieceType(id: Int, type: UInt64)
    case duplicatePiece(id: Int, piece: String)
    case noUnknownPiece
    case secondUnknownPiece(id: Int)
    case badBytePiece(id: Int, piece: String)
    case missingBytePiece(byte: UInt8)
    case badScore(id: Int, piece: String)
    case unknownModelType(UInt64)
    case badMap(reason: String)
    case unreadable(path: String, reason: String)

    public var description: String {
        switch self {
        case .truncated(let offset):
            "SentencePiece model: the file ends in the middle of a value at byte \(offset); fetch it again"
        case .badNumber(let offset):
            "SentencePiece model: a number at byte \(offset) has more than 64 bits"
        case .badField(let field, let offset):
            "SentencePiece model: field \(field) at byte \(offset) is stored in no known way; is this a .model file?"
        case .badLength(let length, let left, let offset):
            "SentencePiece model: a length of \(length) at byte \(offset), but only \(left) bytes are left"
        case .wrongType(let field, let offset):
            "SentencePiece model: \(field) at byte \(offset) is stored as another type"
        case .noPieces: "SentencePiece model: it has no pieces; is this a .model file?"
        case .emptyPiece(let id): "SentencePiece model: piece \(id) is empty"
        case .badPieceType(let id, let type): "SentencePiece model: piece \(id) has unknown type \(type)"
        case .duplicatePiece(let id, let piece): "SentencePiece model: piece \(id), \"\(piece)\", was there before"
        case .noUnknownPiece: "SentencePiece model: no piece is of type unknown"
        case .secondUnknownPiece(let id): "SentencePiece model: piece \(id) is a second one of type unknown"
        case .badBytePiece(let id, let piece):
            "SentencePiece model: piece \(id), \"\(piece)\", is of type byte but is no <0x00> to <0xFF>, "
                + "or byte_fallback is off"
        case .missingBytePiece(let byte):
            "SentencePiece model: byte_fallback is on, but there is no piece for byte \(byte)"
        case .badScore(let id, let piece): "SentencePiece model: the score of piece \(id), \"\(piece)\", is no number"
        case .unknownModelType(let type): "SentencePiece model: unknown model_type \(type)"
        case .badMap(let reason): "SentencePiece normalisation map: \(reason)"
        case .unreadable(let path, let reason): "\(path): \(reason)"
        }
    }
}
