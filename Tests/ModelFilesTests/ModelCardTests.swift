import ApusModelFiles
import Testing

@Suite("Heads of model cards")
struct ModelCardTests {
    @Test("Texts and lists are read, in every way that cards write them")
    func reading() {
        let card = ModelCard(
            """
            ---
            # whose it is
            license: apache-2.0  # see LICENSE
            license_name: "a: b"
            language:
            - en
              - 'no'
            tags: [one, "two", three ]
            base_model: org/name
            empty:
            nothing: null
            widget:
              text: nested lines are passed over
            ---
            # Title
            license: other
            """)
        #expect(card["license"] == "apache-2.0")
        #expect(card["license_name"] == "a: b")
        #expect(card[list: "language"] == ["en", "no"])
        #expect(card[list: "tags"] == ["one", "two", "three"])
        #expect(card["base_model"] == "org/name")
        #expect(card["empty"] == nil && card["nothing"] == nil && card["text"] == nil)
    }

    @Test(
        "A text without a head has no fields",
        arguments: ["", "# Title", "---", "---\nlicense: mit", "\n---\na: b\n---"])
    func none(text: String) { #expect(ModelCard(text).fields.isEmpty) }

    @Test("Windows line ends are line ends")
    func lineEnds() { #expect(ModelCard("---\r\nlicense: mit\r\n---\r\n")["license"] == "mit") }

    @Test("What is written is read back, also what YAML would take for something else")
    func roundTrip() {
        let fields: [(key: String, values: [String])] = [
            ("license", ["apache-2.0"]), ("language", ["en", "no", "1.5"]), ("author", ["A \"B\": c # d"]),
            ("x", ["- y"]),
        ]
        let card = ModelCard(fields: fields)
        #expect(ModelCard(card.head + "text") == card)
        #expect(card.head.contains("license: apache-2.0\n") && card.head.contains("- \"no\"\n"))
    }
}
