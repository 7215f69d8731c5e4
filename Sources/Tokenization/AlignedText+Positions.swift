extension AlignedText {
    /// Where the original of byte `index` begins; past the last byte, where the text's original ends.
    @inline(__always)
    func start(of index: Int) -> Int32 {
        guard let sources else { return Int32(truncatingIfNeeded: origin + index) }
        return index < sources.count ? sources[index].lowerBound : end
    }

    /// Where the original of the whole text ends.
    var end: Int32 {
        guard let sources else { return Int32(truncatingIfNeeded: origin + bytes.count) }
        return sources.last?.upperBound ?? Int32(truncatingIfNeeded: origin)
    }

    /// The original of byte `index`.
    @inline(__always)
    func source(of index: Int) -> Range<Int32> {
        if let sources { return sources[index] }
        let start = Int32(truncatingIfNeeded: origin + index)
        return start..<start + 1
    }
}
