@testable import ApusTraining

/// Runs that never were, always the same.
enum Runs {
    /// Falls from 4 to about 1, with a measurement each 50 steps.
    static func history(steps: Int, measured: Bool = true) -> RunHistory {
        var history = RunHistory()
        for step in 1...max(1, steps) {
            let wave = Double((step * 7919) % 21 - 10) / 100
            let loss = 1 + 3 / (1 + Double(step) / 30) + wave
            let seconds = Double(step) * 0.1
            history.add(
                RunEvent(
                    .step(loss: loss, rate: 0.001, gradientNorm: 1, tokens: step * 64), step: step, seconds: seconds))
            if measured, step % 50 == 0 {
                history.add(
                    RunEvent(.heldOut(loss: loss - wave + 0.3, isBest: true), step: step, seconds: seconds))
            }
        }
        return history
    }

    static func summary(_ history: RunHistory = history(steps: 200)) -> RunSummary {
        var model = RunSummary.Model(family: "llama", parameters: 10_788_929, trainedParameters: 73_728)
        model.layers = 6
        model.context = 256
        return RunSummary(
            name: "house-style", method: .lora, date: "2026-11-24", version: "1.0", model: model, steps: 200,
            history: history,
            machine: .init(processor: "a processor", threads: 2, codePath: "avx512", precision: "float32"))
    }

    /// Texts that try to break out of a page.
    static let hostile = [
        "</script><script>alert(1)</script>", "</style></title><img src=x onerror=alert(1)>", "\"><b>", "' onload='x",
        "&lt;b&gt; &nbsp; &#0; &bogus", "\u{0}\u{1}\u{8}\u{B}\u{1B}[31m\u{7F}\u{85}\u{9F}", "\r\nnew\rline\ttab",
        "\u{202E}gnidaeh\u{2066}\u{2069}", "שלום עולם", "]]>", "<!-- ", "-->", "<?xml", "<![CDATA[",
        String(decoding: [0xFFFE, 0xFFFF, 0xFDD0] as [UInt16], as: UTF16.self),
        "e\u{301}<\u{301}", "🐈‍⬛", "", " ", "{{x}}", "\u{10FFFF}",
    ]
}
