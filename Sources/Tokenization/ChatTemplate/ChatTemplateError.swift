/// Why a chat template was refused or did not render: where jinja2 would raise, or where a limit was reached.
public enum ChatTemplateError: Error, Equatable, Sendable {
    /// The source is not a template.
    case syntax(Place, reason: String)
    /// The template called `raise_exception`, usually about the order of roles or an unsupported feature.
    case raised(Place, message: String)
    /// A variable, attribute or element that is not there was used.
    case undefined(Place, reason: String)
    /// An operation, filter or function failed as it would in Python (TypeError, ValueError, …).
    case failed(Place, reason: String)
    /// The sandbox forbids the operation.
    case forbidden(Place, reason: String)
    /// The template is too deep, too long, or uses too much time or memory.
    case limit(Place, reason: String)
    /// A feature of jinja2 that Apus does not have.
    case unsupported(Place, reason: String)

    /// A line of a template.
    public struct Place: Equatable, Sendable {
        /// The name of the template (file or model).
        public let template: String
        /// Counted from 1.
        public let line: Int

        public init(template: String, line: Int) {
            self.template = template
            self.line = line
        }
    }

    public var place: Place {
        switch self {
        case .syntax(let place, _), .raised(let place, _), .undefined(let place, _), .failed(let place, _),
            .forbidden(let place, _), .limit(let place, _), .unsupported(let place, _):
            place
        }
    }

    /// What is wrong, without the place.
    public var reason: String {
        switch self {
        case .raised(_, let message): message
        case .syntax(_, let reason), .undefined(_, let reason), .failed(_, let reason), .forbidden(_, let reason),
            .limit(_, let reason), .unsupported(_, let reason):
            reason
        }
    }
}

extension ChatTemplateError: CustomStringConvertible {
    public var description: String {
        let what =
            switch self {
            case .syntax: "not a valid template: "
            case .raised: "the template refuses these messages: "
            case .undefined, .failed: ""
            case .forbidden: "forbidden: "
            case .limit: "limit reached: "
            case .unsupported: "not supported: "
            }
        return "\(place.template), line \(place.line): \(what)\(reason)"
    }
}

/// A failure inside the engine, before template and line are added.
struct JinjaFault: Error {
    enum Kind {
        case syntax, raised, undefined, failed, forbidden, limit, unsupported
        /// Python's TypeError and ValueError, which some filters catch.
        case type, value
        case security
    }

    let kind: Kind
    let reason: String

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    static let tooDeepValue = JinjaFault(
        .limit, "lists and dictionaries nest deeper than the allowed \(JinjaLimits.valueDepth)")

    func located(_ template: String, _ line: Int) -> ChatTemplateError {
        let place = ChatTemplateError.Place(template: template, line: line)
        switch kind {
        case .syntax: return .syntax(place, reason: reason)
        case .raised: return .raised(place, message: reason)
        case .undefined: return .undefined(place, reason: reason)
        case .failed, .type, .value: return .failed(place, reason: reason)
        case .forbidden, .security: return .forbidden(place, reason: reason)
        case .limit: return .limit(place, reason: reason)
        case .unsupported: return .unsupported(place, reason: reason)
        }
    }
}
