import ApusModelFiles
import Testing

@testable import ApusTokenization

@Suite struct UnicodeTests {
    @Test("Normalisation forms are those of the tokenizers package", arguments: ["nfc", "nfd", "nfkc", "nfkd"])
    func forms(name: String) throws {
        let form: NormalizationForm = ["nfc": .nfc, "nfd": .nfd, "nfkc": .nfkc, "nfkd": .nfkd][name] ?? .nfc
        let fixture = try CoreFixture.json("normalization.json")
        for (source, expected) in zip(fixture.at("texts").list, fixture.at(name).list) {
            let bytes = Array((source.stringValue ?? "").utf8)
            var text = AlignedText(bytes: bytes)
            text.normalize(to: form)
            #expect(text.bytes == Array((expected.stringValue ?? "").utf8), "\(source)")
            #expect(text.sources?.count ?? text.bytes.count == text.bytes.count)
            let source = text.source(of: 0..<text.bytes.count)
            #expect(source.lowerBound == 0 && source.upperBound <= bytes.count)
            if bytes.withUnsafeBufferPointer(form.leavesUnchanged) { #expect(text.bytes == bytes) }
        }
    }

    @Test("Bytes that are not UTF-8 pass normalisation")
    func invalid() {
        var text = AlignedText(bytes: [0xFF, 0x65, 0xCC, 0x81, 0xC3, 0x28])
        text.normalize(to: .nfc)
        #expect(text.bytes == [0xFF, 0xC3, 0xA9, 0xC3, 0x28])
        // What was composed stands in the place of its first character, as in the tokenizers package.
        #expect(text.source(of: 1..<3) == 1..<2)
        #expect(text.source(of: 3..<5) == 4..<6)
    }

    @Test("Categories, classes and cases of some characters")
    func tables() {
        func category(_ scalar: UInt32) -> String { UnicodeData.categoryNames[UnicodeTables.category(scalar)] }
        #expect(
            category(0x41) == "Lu" && category(0x1C5) == "Lt" && category(0x4E00) == "Lo" && category(0x378) == "Cn")
        #expect(category(0x10FFFD) == "Co" && category(0x10FFFF) == "Cn" && category(0xD800) == "Cs")
        #expect(
            UnicodeTables.isWhiteSpace(0x85) && UnicodeTables.isWhiteSpace(0x3000)
                && !UnicodeTables.isWhiteSpace(0x200B))
        #expect(UnicodeTables.lowerCase(0x130) == (0x69, 0x307) && UnicodeTables.lowerCase(0x1E9E) == (0xDF, nil))
        #expect(UnicodeTables.script("Han".utf8)?.contains { $0.contains(0x4E00) } == true)
        #expect(Set(UnicodeTables.unfolded(0x73)) == [0x73, 0x53, 0x17F])
    }

    @Test("Invalid UTF-8 is replaced as llama.cpp, or as Rust and Python do")
    func replacement() {
        let bytes: [UInt8] = [0xE4, 0xBD, 0x41, 0xF0, 0x9F, 0x98, 0xC0, 0x80, 0xED, 0xA0, 0x80]
        var longest = AlignedText(bytes: bytes)
        longest.replaceInvalidUTF8(longest: true)
        #expect(longest.bytes == Array(String(decoding: bytes, as: UTF8.self).utf8))
        var each = AlignedText(bytes: bytes)
        each.replaceInvalidUTF8(longest: false)
        let mark: [UInt8] = [0xEF, 0xBF, 0xBD]
        #expect(each.bytes == mark + mark + [0x41] + mark + mark + mark + [0] + [0xED, 0xA0, 0x80])
    }
}
