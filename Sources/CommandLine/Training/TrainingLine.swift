import ApusTraining

/// What the progress line of a training run says at one moment.
struct TrainingLine: Sendable {
    var step: Int
    var steps: Int
    /// In nats a token.
    var loss: Double?
    var heldOut: Double?
    var tokensPerSecond: Double?
    var secondsLeft: Double?
    var words: Messages

    /// "step 1,234/2,000, loss 1.9834, held out 2.0501, 5,120 tokens/s, 0:48 left".
    var plainText: String { ([stepText] + facts).joined(separator: words.comma) }

    /// The same with a bar, in less than `columns` less three.
    func bar(columns: Int, style: Style) -> String {
        let room = columns - 3
        // Where there is no room for all, the bar goes first, then the speed.
        let all = facts
        for facts in [all, all.filter { $0 != speed }] {
            let text = facts.joined(separator: "  ")
            let width = min(24, room - CharacterWidth.columns(stepText) - CharacterWidth.columns(text) - 6)
            if width >= 6 {
                let blocks = ProgressLine.blocks(fraction, width: width)
                return stepText + "  " + style.cyan(blocks) + "  " + text
            }
            let whole = stepText + "  " + text
            if CharacterWidth.columns(whole) <= room { return whole }
        }
        return (stepText + "  " + all.filter { $0 != speed }.joined(separator: "  ")).fitted(toColumns: room)
    }

    private var fraction: Double { steps > 0 ? min(1, max(0, Double(step) / Double(steps))) : 0 }

    private var stepText: String { words.trainingStep(Quantity.grouped(step), of: Quantity.grouped(steps)) }

    private var speed: String? { tokensPerSecond.map { words.tokensPerSecond(Self.rate($0)) } }

    private var facts: [String] {
        [
            loss.map { words.loss(Quantity.decimal($0, places: 4)) },
            heldOut.map { words.heldOutLoss(Quantity.decimal($0, places: 4)) }, speed,
            step < steps ? secondsLeft.map { words.timeLeft(Quantity.duration(seconds: $0)) } : nil,
        ].compactMap { $0 }
    }

    private static func rate(_ perSecond: Double) -> String {
        perSecond >= 1000 && perSecond < 9e15 ? Quantity.grouped(Int(perSecond)) : Quantity.rate(perSecond)
    }
}
