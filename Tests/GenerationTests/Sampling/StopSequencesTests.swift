import ApusTensors
import Testing

@testable import ApusGeneration

@Suite("Stop sequences")
struct StopSequencesTests {
    /// What is shown when the text arrives in these pieces.
    private func shown(_ pieces: [[UInt8]], _ stops: [String]) throws -> (bytes: [UInt8], stop: Int?) {
        var sequences = try StopSequences(stops)
        var bytes: [UInt8] = []
        for piece in pieces {
            let release = sequences.push(piece)
            bytes += release.bytes
            if release.stop != nil { return (bytes, release.stop) }
        }
        bytes += sequences.finish().bytes
        return (bytes, nil)
    }

    private func text(_ text: String, _ stops: [String]) throws -> (String, Int?) {
        let result = try shown(text.utf8.map { [$0] }, stops)
        return (String(decoding: result.bytes, as: UTF8.self), result.stop)
    }

    @Test("are never shown, nor what comes after")
    func hidden() throws {
        #expect(try text("Hello\nUser: hi", ["\nUser:"]) == ("Hello", 0))
        #expect(try text("Hello\nUse this", ["\nUser:"]) == ("Hello\nUse this", nil))
        #expect(try text("</s>", ["</s>"]) == ("", 0))
        #expect(try text("ends with the beginning </", ["</s>"]) == ("ends with the beginning </", nil))
        #expect(try text("nothing to stop at", []) == ("nothing to stop at", nil))
    }

    @Test("the first to be complete wins, of two that end together the longer")
    func earliest() throws {
        #expect(try text("hello world", ["world", "lo"]) == ("hel", 1))
        #expect(try text("xabc", ["abc", "ab"]) == ("x", 1))
        #expect(try text("xabc", ["c", "bc", "abc"]) == ("x", 2))
        #expect(try text("abcabd", ["abd"]) == ("abc", 0))
        #expect(try text("aaab", ["aab"]) == ("a", 0))
        #expect(try text("same", ["me", "me"]) == ("sa", 0))
    }

    @Test("hold back only what may begin one")
    func heldBack() throws {
        var stops = try StopSequences(["END"])
        #expect(stops.push(Array("text E".utf8)).text == "text ")
        #expect(stops.push(Array("N".utf8)).text == "")
        #expect(stops.push(Array("E".utf8)).text == "EN")
        #expect(stops.push(Array("N".utf8)).text == "")
        let last = stops.push(Array("D of it".utf8))
        #expect(last.bytes.isEmpty && last.stop == 0)
        #expect(stops.found == 0)
        #expect(stops.push(Array("more".utf8)) == StopSequences.Release())
        #expect(stops.finish().bytes.isEmpty)
    }

    @Test("whole characters only are let through")
    func characters() throws {
        var stops = try StopSequences(["é!"])
        var parts: [String] = []
        for byte in "naïve 🕊é?漢é!x".utf8 {
            let release = stops.push([byte])
            #expect(!release.text.contains("\u{FFFD}"))
            parts.append(release.text)
        }
        #expect(parts.joined() == "naïve 🕊é?漢")
        #expect(stops.found == 0)
    }

    @Test("bytes that are no UTF-8 pass, and do not wait for ever")
    func invalid() throws {
        var stops = try StopSequences(["stop"])
        #expect(stops.push([0xFF, 0x41]).bytes == [0xFF, 0x41])
        #expect(stops.push([0xE2, 0x82]).bytes == [])
        #expect(stops.push([0x41]).bytes == [0xE2, 0x82, 0x41])
        #expect(stops.push([0x80, 0x80, 0x80, 0x80]).bytes == [0x80, 0x80, 0x80, 0x80])
        #expect(stops.push([0xF0, 0x9F]).bytes == [])
        #expect(stops.finish().bytes == [0xF0, 0x9F])
    }

    @Test("an empty one is refused")
    func empty() {
        #expect(throws: SamplingError.emptyString(parameter: "stop", index: 1)) { try StopSequences(["a", ""]) }
    }

    @Test(
        "any cut of the stream shows the same, which is what a plain search finds", arguments: 0..<300 as Range<UInt64>)
    func anyCut(seed: UInt64) throws {
        var random = RandomGenerator(seed: seed)
        let alphabet: [String] = seed % 3 == 0 ? ["a", "b"] : ["a", "b", "é", "漢", "🕊"]
        func draw(_ length: ClosedRange<Int>) -> String {
            (0..<Int.random(in: length, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" }
                .joined()
        }
        let stops = (0..<Int.random(in: 0...4, using: &random)).map { _ in draw(1...5) }
        var bytes = Array(draw(0...60).utf8)
        if seed % 5 == 0, !bytes.isEmpty { bytes[Int.random(in: bytes.indices, using: &random)] = 0xE2 }

        let expected = plainSearch(bytes, stops.map { Array($0.utf8) })
        for _ in 0..<20 {
            var pieces: [[UInt8]] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...9, using: &random))
                pieces.append(Array(bytes[start..<end]))
                start = end
            }
            let result = try shown(pieces, stops)
            #expect(result.bytes == expected.bytes)
            #expect((result.stop == nil) == (expected.stop == nil))
            if let stop = result.stop, let other = expected.stop { #expect(stops[stop] == stops[other]) }
        }
    }

    private func plainSearch(_ bytes: [UInt8], _ stops: [[UInt8]]) -> (bytes: [UInt8], stop: Int?) {
        for end in 0...bytes.count {
            let matches = stops.indices.filter { bytes[..<end].suffix(stops[$0].count).elementsEqual(stops[$0]) }
            if let longest = matches.max(by: { stops[$0].count < stops[$1].count }) {
                return (Array(bytes[..<(end - stops[longest].count)]), longest)
            }
        }
        return (bytes, nil)
    }

    @Test("many long stop strings cost time in proportion to the text")
    func many() throws {
        let stops = (0..<200).map { String(repeating: "a", count: 50 + $0) + "b" }
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 200_000)
        let result = try shown([bytes], stops)
        #expect(result.bytes.count == 200_000 && result.stop == nil)
    }
}
