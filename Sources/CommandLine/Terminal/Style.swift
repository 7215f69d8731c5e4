/// Colours and weights of text in a terminal (ECMA-48 SGR); nothing at all where colours are not wanted.
struct Style: Sendable {
    let isOn: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func cyan(_ text: String) -> String { wrap(text, "36") }

    /// Black text on one of six light backgrounds, which follow each other so that neighbours differ.
    func token(_ text: String, number: Int) -> String {
        // 256-colour palette: light blue, green, yellow, pink, violet, orange.
        let backgrounds = [153, 157, 229, 218, 183, 223]
        return wrap(text, "30;48;5;\(backgrounds[number % backgrounds.count])")
    }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
