/// A token of a template.
struct JinjaToken {
    enum Kind: Equatable {
        case data
        case blockBegin, blockEnd, variableBegin, variableEnd
        case name, string, integer, float
        case add, sub, div, floordiv, mul, mod, pow, tilde
        case leftBracket, rightBracket, leftParen, rightParen, leftBrace, rightBrace
        case eq, ne, gt, gteq, lt, lteq, assign, dot, colon, pipe, comma, semicolon
        case end
    }

    var kind: Kind
    /// The bytes of data and strings.
    var bytes: [UInt8] = []
    /// The text of a name.
    var name = ""
    var integer = 0
    var float = 0.0
    var line: Int

    /// How jinja2 names the token in its messages.
    var description: String {
        switch kind {
        case .name: name
        case .data: "template data / text"
        case .blockBegin: "begin of statement block"
        case .blockEnd: "end of statement block"
        case .variableBegin: "begin of print statement"
        case .variableEnd: "end of print statement"
        case .end: "end of template"
        default: kind.spelling
        }
    }
}

extension JinjaToken.Kind {
    var spelling: String {
        switch self {
        case .add: "+"
        case .sub: "-"
        case .div: "/"
        case .floordiv: "//"
        case .mul: "*"
        case .mod: "%"
        case .pow: "**"
        case .tilde: "~"
        case .leftBracket: "["
        case .rightBracket: "]"
        case .leftParen: "("
        case .rightParen: ")"
        case .leftBrace: "{"
        case .rightBrace: "}"
        case .eq: "=="
        case .ne: "!="
        case .gt: ">"
        case .gteq: ">="
        case .lt: "<"
        case .lteq: "<="
        case .assign: "="
        case .dot: "."
        case .colon: ":"
        case .pipe: "|"
        case .comma: ","
        case .semicolon: ";"
        case .data: "template data / text"
        case .blockBegin: "begin of statement block"
        case .blockEnd: "end of statement block"
        case .variableBegin: "begin of print statement"
        case .variableEnd: "end of print statement"
        case .end: "end of template"
        case .name: "name"
        case .string: "string"
        case .integer: "integer"
        case .float: "float"
        }
    }

    /// Operators, longest first where one begins another.
    static func ofOperator(_ bytes: [UInt8], at offset: Int) -> (kind: JinjaToken.Kind, length: Int)? {
        let second = offset + 1 < bytes.count ? bytes[offset + 1] : 0
        switch bytes[offset] {
        case UInt8(ascii: "+"): return (.add, 1)
        case UInt8(ascii: "-"): return (.sub, 1)
        case UInt8(ascii: "/"): return second == UInt8(ascii: "/") ? (.floordiv, 2) : (.div, 1)
        case UInt8(ascii: "*"): return second == UInt8(ascii: "*") ? (.pow, 2) : (.mul, 1)
        case UInt8(ascii: "%"): return (.mod, 1)
        case UInt8(ascii: "~"): return (.tilde, 1)
        case UInt8(ascii: "["): return (.leftBracket, 1)
        case UInt8(ascii: "]"): return (.rightBracket, 1)
        case UInt8(ascii: "("): return (.leftParen, 1)
        case UInt8(ascii: ")"): return (.rightParen, 1)
        case UInt8(ascii: "{"): return (.leftBrace, 1)
        case UInt8(ascii: "}"): return (.rightBrace, 1)
        case UInt8(ascii: "="): return second == UInt8(ascii: "=") ? (.eq, 2) : (.assign, 1)
        case UInt8(ascii: "!"): return second == UInt8(ascii: "=") ? (.ne, 2) : nil
        case UInt8(ascii: ">"): return second == UInt8(ascii: "=") ? (.gteq, 2) : (.gt, 1)
        case UInt8(ascii: "<"): return second == UInt8(ascii: "=") ? (.lteq, 2) : (.lt, 1)
        case UInt8(ascii: "."): return (.dot, 1)
        case UInt8(ascii: ":"): return (.colon, 1)
        case UInt8(ascii: "|"): return (.pipe, 1)
        case UInt8(ascii: ","): return (.comma, 1)
        case UInt8(ascii: ";"): return (.semicolon, 1)
        default: return nil
        }
    }
}
