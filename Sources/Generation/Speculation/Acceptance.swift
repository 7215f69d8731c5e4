/// How often guesses are right, by what they rest on, and when to try again where they do not pay.
struct Acceptance {
    private struct Record {
        var right: Double
        var tried: Double
        /// Steps to let pass before the next trial, and how many it will be after that.
        var waiting = firstPatience
        var patience = firstPatience
    }

    private static let firstPatience = 16
    private static let mostPatience = 512
    /// How many guesses the usual share counts for, and after how many the older half is forgotten.
    private static let usualWeight = 4.0
    private static let memory = 64.0

    private var records = DraftGround.allCases.map {
        Record(right: $0.usualShare * usualWeight, tried: usualWeight)
    }

    /// The probability that a guess is right, if those before it were.
    func share(_ ground: DraftGround) -> Double {
        let record = records[ground.rawValue]
        return record.right / record.tried
    }

    /// Notes that of a draft's tokens so many were right; whether the next one was wrong.
    mutating func note(_ ground: DraftGround, right: Int, wrong: Bool) {
        records[ground.rawValue].right += Double(right)
        records[ground.rawValue].tried += Double(right) + (wrong ? 1 : 0)
        if records[ground.rawValue].tried > Self.memory {
            records[ground.rawValue].right /= 2
            records[ground.rawValue].tried /= 2
        }
    }

    /// Whether it is time to try guesses of a ground that seem not to pay. Each trial makes the next wait longer.
    mutating func isTimeToTry(_ ground: DraftGround) -> Bool {
        records[ground.rawValue].waiting -= 1
        guard records[ground.rawValue].waiting < 0 else { return false }
        records[ground.rawValue].patience = min(2 * records[ground.rawValue].patience, Self.mostPatience)
        records[ground.rawValue].waiting = records[ground.rawValue].patience
        return true
    }

    /// Guesses of a ground pay.
    mutating func pays(_ ground: DraftGround) {
        records[ground.rawValue].patience = Self.firstPatience
        records[ground.rawValue].waiting = Self.firstPatience
    }
}
