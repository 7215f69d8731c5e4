extension JSONNormalizer {
    func leavesUnchanged(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .form(let form): return form.leavesUnchanged(text)
        case .stripAccents: return UTF8Scalar.isASCII(text)
        case .lowercase:
            return UTF8Scalar.isASCII(text) && !text.contains { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }
        case .sequence(let steps): return steps.allSatisfy { $0.leavesUnchanged(text) }
        default: return false
        }
    }
}
