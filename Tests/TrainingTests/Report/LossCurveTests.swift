import Testing

@testable import ApusTraining

@Suite("The curve in a terminal")
struct LossCurveTests {
    private func picture(_ curve: LossCurve) -> String { "\n" + curve.lines.joined(separator: "\n") }

    @Test("A run as a picture, logarithmic since the loss falls to less than a third")
    func logarithmic() {
        let curve = LossCurve(Runs.history(steps: 300), columns: 64, height: 12, language: .english)
        #expect(
            picture(curve) == """

                       loss (logarithmic)  ⠒⠒ training  o held out
                       │⠑⡄
                       │ ⠈⢢
                     3 ┤   ⠑⢄
                   2.5 ┤     ⠑⢄  o
                       │       ⠉⠒⠤⣀
                     2 ┤           ⠉⠒⠤⢄⡀  o        o
                       │               ⠈⠉⠉⠑⠤⠤⠤⡀⢀             o        o        o
                   1.5 ┤                      ⠈⠁⠉⠉⠑⠒⠒⠒⠤⠤⠤⠤⣀⣀⣀⣀ ⢀
                       │                                      ⠉⠁⠉⠉⠊⠉⠒⠑⠒⠒⠒⠒⠔⠢⠤⠢⠤⡠
                       └──────────────────┬──────────────────┬─────────────────┬
                                         100                200              300
                """)
    }

    @Test("The same in Chinese, linear and small")
    func linear() {
        let curve = LossCurve(Runs.history(steps: 300), columns: 40, height: 8, language: .chinese, scale: .linear)
        #expect(
            picture(curve) == """

                       损失  ⠒⠒ 训练  o 留出
                       │⠱⡀
                     3 ┤ ⠱⡀
                       │  ⠈⠢⡀o
                     2 ┤    ⠈⠑⠢⠤⢄⣀o    o     o    o
                       │          ⠈⠉⠉⠒⠒⠒⠒⠢⠢⠤⠤⠤⠤⠤⠤⡠⣀⣀⣀⣀⣀o
                       └─────────────────────┬──────────
                                            200
                """)
    }

    @Test("A level line runs through the middle")
    func level() {
        var history = RunHistory()
        for step in 1...9 {
            history.add(RunEvent(.step(loss: 2, rate: 1, gradientNorm: 1, tokens: step), step: step, seconds: 0))
        }
        #expect(
            picture(LossCurve(history, columns: 30, height: 8, language: .english)) == """

                       loss  ⠒⠒ training
                       │
                       │
                   2.0 ┤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤
                       │
                       │
                       └───────────┬──────────
                                   5
                """)
    }

    @Test("Every size fits, and too small ones draw nothing", arguments: [0, 5, 23, 24, 31, 40, 80, 132, 400])
    func sizes(columns: Int) {
        for height in [-1, 0, 5, 6, 7, 14, 60] {
            for steps in [1, 2, 3, 40, 5000] {
                for language in [DataReportText.Language.english, .chinese] {
                    let curve = LossCurve(
                        Runs.history(steps: steps), columns: columns, height: height, language: language)
                    #expect(curve.rows.isEmpty || curve.rows.count == height)
                    #expect(curve.rows.isEmpty == (columns < 24 || height < 6 || steps == 1))
                    for line in curve.lines.dropFirst() { #expect(line.count <= columns) }
                }
            }
        }
    }

    @Test("Odd losses draw something and never fail", arguments: [0.0, -5, 1e-300, 1e300, 1e-3])
    func oddLosses(loss: Double) {
        var history = RunHistory()
        for step in [1, 2, 1 << 40, Int.max / 2] {
            let value = loss * Double(step % 3)
            history.add(RunEvent(.step(loss: value, rate: 1, gradientNorm: 1, tokens: 1), step: step, seconds: 0))
            history.add(RunEvent(.heldOut(loss: value, isBest: true), step: step, seconds: 0))
        }
        for scale in [ChartAxis.Scale.automatic, .linear, .logarithmic] {
            #expect(LossCurve(history, columns: 60, height: 10, language: .english, scale: scale).lines.count == 10)
        }
    }

    @Test("Only held-out points, as where nothing else was kept, are shown too")
    func heldOutOnly() {
        var history = RunHistory()
        for step in [10, 20] {
            history.add(RunEvent(.heldOut(loss: Double(step), isBest: true), step: step, seconds: 0))
        }
        let text = picture(LossCurve(history, columns: 40, height: 8, language: .english))
        #expect(text.filter { $0 == "o" }.count == 2 + "loss held out".filter { $0 == "o" }.count + 1)
    }
}
