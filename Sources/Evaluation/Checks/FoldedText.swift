import ApusTokenization

/// A text in the form in which checks compare it, as bytes.
///
/// Always: canonically composed (NFC), because nobody sees whether an accent is a character of its own. Where asked for:
/// width, so that `ＡＢＣ１２３` and `ABC123`, `ｶﾞ` and `ガ` are the same (Unicode's decompositions of the kinds `wide` and
/// `narrow`, and no others: `10²` stays different from `102`); and case, as Unicode folds it (`STRASSE` and `Straße`).
public struct FoldedText: Sendable, Equatable {
    public let bytes: [UInt8]

    public init(_ text: String, ignoresCase: Bool = false, ignoresWidth: Bool = false) {
        var scalars = Array(text.unicodeScalars)
        if ignoresWidth {
            scalars = scalars.map(Self.usualWidth)
        }
        var bytes = Self.composed(scalars)
        if ignoresCase {
            scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
            bytes = Self.composed(scalars.flatMap(Self.caseFolded))
        }
        self.bytes = bytes
    }

    /// Whether the other text is somewhere in this one.
    public func contains(_ other: FoldedText) -> Bool {
        bytes.withUnsafeBufferPointer { text in
            other.bytes.withUnsafeBufferPointer { wanted in
                guard let first = wanted.first else { return true }
                guard wanted.count <= text.count else { return false }
                for start in 0...(text.count - wanted.count) where text[start] == first {
                    if (1..<wanted.count).allSatisfy({ text[start + $0] == wanted[$0] }) { return true }
                }
                return false
            }
        }
    }

    private static func composed(_ scalars: [Unicode.Scalar]) -> [UInt8] {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        var text = AlignedText(bytes: Array(String(view).utf8))
        text.normalize(to: .nfc)
        return text.bytes
    }

    /// Lower case of upper case of lower case: Unicode's full case folding but for the dotless i, which stays itself.
    private static func caseFolded(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if scalar.isASCII { return Array(scalar.properties.lowercaseMapping.unicodeScalars) }
        if scalar == "ı" { return [scalar] }
        return scalar.properties.lowercaseMapping.unicodeScalars.flatMap { lower in
            lower.properties.uppercaseMapping.unicodeScalars.flatMap { $0.properties.lowercaseMapping.unicodeScalars }
        }
    }

    /// The character of usual width that a full-width or half-width one is a form of.
    private static func usualWidth(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let value = scalar.value
        let usual: UInt32 =
            switch value {
            case 0x3000: 0x20
            case 0xFF01...0xFF5E: value - 0xFEE0
            case 0xFF5F, 0xFF60: value - 0xFF5F + 0x2985
            case 0xFF61...0xFF9F: UInt32(kana[Int(value - 0xFF61)])
            case 0xFFA0: 0x3164
            case 0xFFA1...0xFFBE: value - 0xFFA1 + 0x3131
            case 0xFFC2...0xFFC7: value - 0xFFC2 + 0x314F
            case 0xFFCA...0xFFCF: value - 0xFFCA + 0x3155
            case 0xFFD2...0xFFD7: value - 0xFFD2 + 0x315B
            case 0xFFDA...0xFFDC: value - 0xFFDA + 0x3161
            case 0xFFE0...0xFFE6: UInt32(signs[Int(value - 0xFFE0)])
            case 0xFFE8: 0x2502
            case 0xFFE9...0xFFEC: value - 0xFFE9 + 0x2190
            case 0xFFED: 0x25A0
            case 0xFFEE: 0x25CB
            default: value
            }
        return Unicode.Scalar(usual) ?? scalar
    }

    /// What the half-width forms U+FF61 to U+FF9F are forms of; the last two join the letter before them.
    private static let kana: [UInt16] =
        "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン".unicodeScalars
        .map { UInt16(truncatingIfNeeded: $0.value) } + [0x3099, 0x309A]

    /// What the forms U+FFE0 to U+FFE6 are forms of.
    private static let signs: [UInt16] = [0xA2, 0xA3, 0xAC, 0xAF, 0xA6, 0xA5, 0x20A9]
}

extension String {
    /// Without white space at both ends.
    var trimmedOfSpace: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
