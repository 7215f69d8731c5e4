import ApusTraining
import Testing

@testable import ApusCommandLine

@Suite("What is seen of a training run")
struct TrainingDisplayTests {
    /// 100 steps in 20 seconds, a measurement each 25 of them that takes a second, and a sample in the middle.
    private func run(isTerminal: Bool) -> MemorySink {
        let (console, sink) = Console.hushed(isTerminal: isTerminal)
        let clock = HandClock()
        let display = TrainingDisplay(total: 100, console: console, now: clock.now)
        display.show(RunEvent(.checkpoint, step: 0, seconds: 0), of: 100)
        for step in 1...100 {
            clock.advance(0.1875)
            let loss = 1 + 4 / (1 + Double(step) / 8)
            let kind = RunEvent.Kind.step(loss: loss, rate: 0.001, gradientNorm: 1, tokens: step * 768)
            display.show(RunEvent(kind, step: step, seconds: clock.now()), of: 100)
            if step % 25 == 0 {
                clock.advance(1)
                display.show(
                    RunEvent(.heldOut(loss: loss + 0.25, isBest: true), step: step, seconds: clock.now()), of: 100)
            }
            if step == 60 {
                display.show(
                    RunEvent(.sample(prompt: "", text: "so \u{1B}[2Jit is"), step: step, seconds: clock.now()), of: 100)
            }
        }
        display.finish()
        display.finish()
        return sink
    }

    @Test("Without a terminal: a line with each measurement and each ten seconds, samples between, no escapes")
    func plain() {
        // A loss is the mean of the last tenth of the steps: of 50 steps the last 5, 1 + 4 / (1 + s / 8) each.
        let lines = run(isTerminal: false).text.split(separator: "\n")
        #expect(
            lines == [
                "step 25/100, loss 1.9848, held out 2.2197, 4,096 tokens/s, 0:17 left",
                "step 50/100, loss 1.5718, held out 1.8017, 4,096 tokens/s, 0:11 left",
                "step 60 writes: so [2Jit is",
                "step 75/100, loss 1.4003, held out 1.6355, 4,096 tokens/s, 0:06 left",
                "step 100/100, loss 1.3094, held out 1.5463, 4,096 tokens/s",
                "step 100/100, loss 1.3094, held out 1.5463, 4,096 tokens/s",
            ])
    }

    @Test("At a terminal the line and the curve change in place, and the curve stays at the end")
    func terminal() {
        let text = run(isTerminal: true).text
        #expect(text.contains("step 50/100"))
        #expect(text.contains("so [2Jit is"))
        let last = text.components(after: "\r\u{1B}[J").last ?? ""
        let rows = last.split(separator: "\n")
        #expect(rows.first?.hasPrefix("       loss") == true)
        #expect(rows.count == 12)
        // The curve is written as often as seconds go by, the line ten times as often at most.
        #expect(text.components(after: "logarithmic").count <= 30)
    }

    @Test("The line fits its window, whatever there is to say", arguments: [12, 24, 39, 40, 60, 80, 200])
    func widths(columns: Int) {
        for language in [Language.english, .chinese] {
            let line = TrainingLine(
                step: 12_345, steps: 100_000, loss: 12.3456, heldOut: 2.5, tokensPerSecond: 123_456,
                secondsLeft: 36_000,
                words: Messages(language: language))
            let text = line.bar(columns: columns, style: Style(isOn: false))
            #expect(CharacterWidth.columns(text) <= columns - 3)
            #expect(CharacterWidth.columns(line.plainText) > 60)
        }
    }

    @Test("A status of several rows writes only those that changed, and messages go above it")
    func rows() {
        let sink = MemorySink()
        let messages = MessageChannel(
            sink: sink, terminal: Terminal(descriptor: -1, isTerminal: true, usesColour: false))
        messages.showStatus(rows: ["a", "b", "c"])
        messages.showStatus(rows: ["a", "B", "c"])
        messages.line("note")
        messages.showStatus("")
        #expect(
            sink.text == "\r\u{1B}[Ja\r\nb\r\nc" + "\u{1B}[2A\r\r\nB\u{1B}[K\r\n"
                + "\u{1B}[2A\r\u{1B}[Jnote\na\r\nB\r\nc"
                + "\u{1B}[2A\r\u{1B}[J")
    }

    @Test("Rows with colours count their letters only")
    func styles() {
        #expect(Style(isOn: true).cyan("abc").withoutStyle == "abc")
        #expect("plain".withoutStyle == "plain")
    }
}

extension String {
    fileprivate func components(after marker: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: marker) {
            rest = rest[range.upperBound...]
            parts.append(rest)
        }
        return parts
    }
}
