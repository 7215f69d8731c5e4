/// An `http` or `https` address (RFC 3986), as far as a hub needs it: no user names, no fragments.
struct HubURL: Sendable, Equatable, CustomStringConvertible {
    /// `http` or `https`.
    var scheme: String
    /// In small letters; an IPv6 address with its brackets.
    var host: String
    /// Nil where it is the scheme's own.
    var port: Int?
    /// Begins with `/`, percent-encoded, with the query.
    var target: String

    /// What a token belongs to: scheme, host and port.
    struct Origin: Sendable, Hashable { var scheme: String, host: String, port: Int }

    var origin: Origin { Origin(scheme: scheme, host: host, port: effectivePort) }
    var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }
    var description: String { base + target }
    /// For messages: signed addresses carry secrets in their query.
    var withoutQuery: String { base + (target.firstIndex(of: "?").map { String(target[..<$0]) } ?? target) }
    var base: String { scheme + "://" + host + (port.map { ":\($0)" } ?? "") }

    /// Nil for what is no such address, or has a user name in it.
    init?(_ text: String) {
        guard let mark = text.range(of: "://") else { return nil }
        scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = text[mark.upperBound...]
        let end = rest.firstIndex(where: { "/?#".contains($0) }) ?? rest.endIndex
        guard let authority = Self.authority(rest[..<end]) else { return nil }
        (host, port) = authority
        if port == (scheme == "https" ? 443 : 80) { port = nil }
        let tail = rest[end...]
        target = Self.cleaned(tail.hasPrefix("/") ? String(tail) : "/" + tail)
    }

    private static func authority(_ text: Substring) -> (String, Int?)? {
        var host = text
        var port: Int?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[...close]
            let rest = text[text.index(after: close)...]
            guard host.dropFirst().dropLast().utf8.allSatisfy({ isHexadecimal($0) || ":.".utf8.contains($0) }) else {
                return nil
            }
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = Int(rest.dropFirst()) else { return nil }
                port = number
            }
        } else {
            if let colon = text.firstIndex(of: ":") {
                guard let number = Int(text[text.index(after: colon)...]) else { return nil }
                port = number
                host = text[..<colon]
            }
            guard host.utf8.allSatisfy({ HubReference.isLetterOrDigit($0) || "-._".utf8.contains($0) }) else {
                return nil
            }
        }
        guard !host.isEmpty, host.utf8.count <= 255, port.map({ (1...65535).contains($0) }) ?? true else { return nil }
        return (host.lowercased(), port)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }

    /// Without the fragment; bytes that may not stand in an address are percent-encoded.
    private static func cleaned(_ text: String) -> String {
        let text = text.firstIndex(of: "#").map { text[..<$0] } ?? text[...]
        return encoded(text, keeping: "-._~:/?[]@!$&'()*+,;=%")
    }

    /// The address that a `Location` or `Link` header names, seen from here.
    func resolving(_ reference: String) -> HubURL? {
        if reference.contains("://") { return HubURL(reference) }
        if reference.hasPrefix("//") { return HubURL(scheme + ":" + reference) }
        guard !reference.isEmpty else { return nil }
        let path = target.firstIndex(of: "?").map { target[..<$0] } ?? target[...]
        if reference.hasPrefix("/") { return HubURL(base + reference) }
        if reference.hasPrefix("?") { return HubURL(base + path + reference) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return HubURL(base + folder + reference)
    }

    /// The address of a path below this one; the path's parts are percent-encoded here.
    func appending(_ parts: [String], query: String = "") -> HubURL {
        var url = self
        let path = target.firstIndex(of: "?").map { target[..<$0] } ?? target[...]
        var head = Substring(path)
        while head.hasSuffix("/") { head = head.dropLast() }
        url.target = head + parts.map { "/" + Self.encoded($0, keeping: "-._~") }.joined() + query
        return url
    }

    private static func encoded(_ text: some StringProtocol, keeping kept: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if HubReference.isLetterOrDigit(byte) || kept.utf8.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension StringProtocol {
    /// Where `text` stands first; the standard library's own way needs a regular expression.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
