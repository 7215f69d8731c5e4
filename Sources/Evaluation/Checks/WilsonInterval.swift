/// Where the true share of successes lies with 95% confidence, after some trials (E. B. Wilson 1927, without correction
/// for continuity). Unlike mean ± error it stays within 0 and 1 and is right for few trials and shares near the ends.
public struct WilsonInterval: Sendable, Equatable {
    public let lower: Double
    public let upper: Double

    /// The normal distribution's 97.5% quantile: 2.5% lie beyond it on either side.
    private static let z = 1.959963984540054

    /// - Returns: nil where there were no trials, or more successes than trials.
    public init?(successes: Int, of trials: Int) {
        guard trials > 0, successes >= 0, successes <= trials else { return nil }
        let n = Double(trials)
        let share = Double(successes) / n
        let square = Self.z * Self.z
        let centre = (share + square / (2 * n)) / (1 + square / n)
        let margin = Self.z / (1 + square / n) * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
        // At the ends the interval's own end is exact, whatever was rounded.
        lower = successes == 0 ? 0 : max(0, centre - margin)
        upper = successes == trials ? 1 : min(1, centre + margin)
    }
}
