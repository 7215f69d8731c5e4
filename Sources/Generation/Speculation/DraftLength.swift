/// How many tokens to guess, so that most are written in a second.
struct DraftLength {
    /// Guesses; 0 where they would not pay.
    private(set) var count = 0
    /// Tokens per second that are to be expected with them.
    private(set) var rate: Double

    /// A gain of less than this is not sure to be one.
    private static let leastGain = 1.03

    /// - Parameters:
    ///   - share: the probability that a guess is right, if those before it were.
    ///   - secondsPerGuess: what making a guess costs.
    ///   - room: guesses at most.
    ///   - rows: rows of the step without these guesses, each of which gives a token.
    init(share: Double, secondsPerGuess: Double, room: Int, rows: Int, _ costs: StepCostTable) {
        guard let plain = costs.seconds(rows: rows), room > 0 else {
            rate = 0
            return
        }
        rate = Self.leastGain * Double(rows) / plain
        var expected = Double(rows)
        var right = 1.0
        for guesses in 1...room {
            guard let seconds = costs.seconds(rows: rows + guesses) else { break }
            right *= share
            expected += right
            let promised = expected / (seconds + Double(guesses) * secondsPerGuess)
            if promised > rate { (count, rate) = (guesses, promised) }
        }
    }
}
