extension Vocabulary {
    /// The highest id that a file of so many tokens may use. Tables have a place for every id, so a short file must not
    /// make large ones; pruned vocabularies, which keep their old ids, stay well below.
    static func highestID(tokens count: Int) -> Int { min(highestID, max(1 << 20, 16 * min(count, highestID))) }
}
