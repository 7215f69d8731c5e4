/// Every text that a user reads while Apus runs, in each language.
struct Messages: Sendable {
    let language: Language

    private func say(_ english: String, _ chinese: String) -> String { language == .chinese ? chinese : english }

    // MARK: Progress

    func timeLeft(_ time: String) -> String { say("\(time) left", "剩余 \(time)") }
    func tokens(_ count: String) -> String { say("\(count) tokens", "\(count) 个词元") }
    func tokensPerSecond(_ rate: String) -> String { say("\(rate) tokens/s", "\(rate) 词元/秒") }
}
