import Testing

@testable import ApusCommandLine

@Suite("Progress")
struct ProgressTests {
    @Test("A task of under two seconds shows nothing", arguments: [true, false])
    func short(isTerminal: Bool) {
        let (console, sink) = Console.hushed(isTerminal: isTerminal)
        let clock = HandClock()
        let bar = ProgressBar("reading", total: 100, unit: .items, console: console, now: clock.now)
        for step in 1...15 {
            clock.advance(0.1)
            bar.update(step * 6)
        }
        bar.finish()
        #expect(sink.text == "")
    }

    @Test("A long task at a terminal has a bar with amount, rate and time left, which goes away at the end")
    func terminal() {
        let (console, sink) = Console.hushed(isTerminal: true)
        let clock = HandClock()
        let bar = ProgressBar("m.gguf", total: 100_000_000, unit: .bytes, console: console, now: clock.now)
        for step in 1...40 {
            clock.advance(0.125)
            bar.update(step * 1_000_000)
        }
        let last = sink.text.components(separatedBy: "\r\u{1B}[K").last ?? ""
        #expect(last == "m.gguf  ▕█████████▌              ▏  40%  40.0 MB/100 MB  8.00 MB/s  0:08 left")
        #expect(CharacterWidth.columns(last) < 80)
        bar.finish()
        #expect(sink.text.hasSuffix("\r\u{1B}[K"))
    }

    @Test("A long task without a terminal writes a plain line now and then and one at the end")
    func plain() {
        let (console, sink) = Console.hushed(isTerminal: false)
        let clock = HandClock()
        let bar = ProgressBar("prompt", total: 2000, unit: .tokens, console: console, now: clock.now)
        for step in 1...200 {
            clock.advance(0.125)
            bar.update(step * 10)
        }
        bar.finish()
        let lines = sink.text.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first?.hasPrefix("prompt: 8%, 160/2,000 tokens, 80.0 tokens/s, 0:23 left") == true)
        #expect(lines.last?.hasPrefix("prompt: 100%, 2,000/2,000 tokens") == true)
        #expect(!sink.text.contains("\u{1B}"))
    }

    @Test("A bar that has no room shows its facts and never wraps", arguments: [10, 20, 39, 40, 60, 200])
    func narrow(columns: Int) {
        let line = ProgressLine(
            label: "a-long-name-of-a-model.Q4_K_M.gguf", completed: 40, total: 100, rate: 10, unit: .bytes,
            words: Messages(language: .chinese))
        #expect(CharacterWidth.columns(line.bar(columns: columns, style: Style(isOn: false))) < columns)
    }

    @Test(
        "Amounts are written with three figures",
        arguments: [
            (0, "0 B"), (812, "812 B"), (999, "999 B"), (1000, "1.00 kB"), (8400, "8.40 kB"), (999_499, "999 kB"),
            (999_500, "1.00 MB"), (1_250_000_000, "1.25 GB"), (35_000_000, "35.0 MB"), (Int.max, "9223 PB"),
        ])
    func amounts(count: Int, text: String) {
        #expect(Quantity.bytes(count) == text)
    }

    @Test("Durations and counts read as people write them")
    func readable() {
        #expect(Quantity.duration(seconds: 47) == "0:47")
        #expect(Quantity.duration(seconds: 723) == "12:03")
        #expect(Quantity.duration(seconds: 11045) == "3:04:05")
        #expect(Quantity.duration(seconds: .infinity) == "–")
        #expect(Quantity.grouped(2_829_056) == "2,829,056")
        #expect(Quantity.grouped(-12) == "-12")
        #expect(Quantity.decimal(-0.5, places: 2) == "-0.50")
        #expect(Quantity.decimal(3.14159, places: 3) == "3.142")
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
