/// Quantisations as file names of GGUF repositories spell them: `model-Q4_K_M.gguf`, `model.q8_0.gguf`.
enum Quantisation {
    /// Whether `tag` stands in a path with no letter or digit directly before it and nothing that belongs to a longer
    /// tag behind it: `Q4_K` is not found in `model-Q4_K_M.gguf`, nor `Q4_0` in `IQ4_0` or `Q4_0_4_8`.
    static func isNamed(_ tag: String, in path: String) -> Bool {
        let wanted = Array(tag.lowercased().utf8)
        let bytes = Array(path.lowercased().utf8)
        guard !wanted.isEmpty, bytes.count >= wanted.count else { return false }
        for start in 0...(bytes.count - wanted.count) where Array(bytes[start..<start + wanted.count]) == wanted {
            let end = start + wanted.count
            let startsWell = start == 0 || !HubReference.isLetterOrDigit(bytes[start - 1])
            let endsWell =
                end == bytes.count
                || !(HubReference.isLetterOrDigit(bytes[end]) || bytes[end] == UInt8(ascii: "_"))
            if startsWell && endsWell { return true }
        }
        return false
    }

    /// What is taken from a repository with several quantisations when none is named: small with little loss first,
    /// then better ones, then smaller ones, then whatever is left.
    static let preference = [
        "Q4_K_M", "Q4_K_S", "Q4_K_L", "Q4_K", "Q4_0", "IQ4_NL", "IQ4_XS", "Q4_1", "MXFP4", "Q5_K_M", "Q5_K_S", "Q5_K",
        "Q5_0", "Q5_1", "Q6_K", "Q8_0", "Q3_K_M", "Q3_K_L", "Q3_K_S", "Q3_K", "Q2_K", "BF16", "F16", "FP16", "F32",
        "FP32",
    ]

    /// The place of a path in `preference`; its count for one that names none of them.
    static func rank(of path: String) -> Int {
        preference.firstIndex { isNamed($0, in: path) } ?? preference.count
    }
}
