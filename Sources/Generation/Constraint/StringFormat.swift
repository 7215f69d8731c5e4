/// The formats of strings, as patterns. Each takes a part of what its standard allows: what every reader takes.
enum StringFormat {
    private static let year = "[1-9][0-9]{3}"
    private static let leapYear = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)"
    private static let fullDate =
        "(\(year)-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
        + "|02-(0[1-9]|1[0-9]|2[0-8]))|\(leapYear)-02-29)"
    private static let hours = "([01][0-9]|2[0-3]):[0-5][0-9]"
    private static let fullTime = "\(hours):[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]\(hours))"
    private static let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    private static let byte = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"

    /// Anchored at both ends.
    static let patterns: [String: String] = [
        // RFC 3339.
        "date": "^\(fullDate)$",
        "time": "^\(fullTime)$",
        "date-time": "^\(fullDate)T\(fullTime)$",
        // RFC 3339, appendix A.
        "duration": "^P([0-9]{1,6}W|[0-9]{1,6}D(T[0-9]{1,6}H([0-9]{1,6}M([0-9]{1,6}S)?)?)?"
            + "|T([0-9]{1,6}H([0-9]{1,6}M([0-9]{1,6}S)?)?|[0-9]{1,6}M([0-9]{1,6}S)?|[0-9]{1,6}S)"
            + "|[0-9]{1,6}Y([0-9]{1,6}M([0-9]{1,6}D)?)?|[0-9]{1,6}M([0-9]{1,6}D)?)$",
        // RFC 5321, without quoted names and addresses in brackets.
        "email": "^[A-Za-z0-9_+-]+(\\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]+(-[A-Za-z0-9]+)*\\.)+[A-Za-z]{2,24}$",
        // RFC 1123.
        "hostname": "^\(label)(\\.\(label)){0,3}$",
        "ipv4": "^\(byte)(\\.\(byte)){3}$",
        // RFC 4291, all eight groups.
        "ipv6": "^[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){7}$",
        // RFC 3986, with an authority.
        "uri": "^[a-z][a-z0-9+.-]*://[A-Za-z0-9._~-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*"
            + "(\\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?(#[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?$",
        // RFC 4122.
        "uuid": "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
    ]
}
