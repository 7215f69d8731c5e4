import ApusModelFiles
import ApusTokenization

/// What templates are rendered with and tokenizers applied to.
enum Conversation {
    static let texts = [
        "", " ", "Hello world, the 2nd  [CLS] fox doesn't <s>say</s>\t\n\nab <unk>",
        "naïve e\u{301}ﬁ ① ＡＢ 漢字 한국어 🙂👍🏽 \u{0}\u{7f}\u{ffff} ▁a ##b Ġc <0x41>", String(repeating: "ab", count: 100),
    ]

    static let plain = ChatTemplate.variables(
        messages: [
            ChatMessage(role: "user", content: " Hello "), ChatMessage(role: "assistant", content: "<b>é"),
            ChatMessage(role: "user", content: ""),
        ],
        addGenerationPrompt: true, bosToken: "<s>", eosToken: "</s>")

    static let withTools: JSON.Object = {
        let source = """
            {"messages": [{"role": "system", "content": "Be brief."},
              {"role": "user", "content": [{"type": "text", "text": "Weather?"}, {"type": "image"}]},
              {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
                "function": {"name": "weather", "arguments": {"city": "Köln", "days": [1, 2.5, null, true]}}}]},
              {"role": "tool", "tool_call_id": "call_1", "name": "weather", "content": "{\\"sun\\": 1e3}"}],
             "tools": [{"type": "function", "function": {"name": "weather", "description": "Looks.", "parameters":
               {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}],
             "documents": [{"title": "T", "text": "D"}], "add_generation_prompt": false, "bos_token": "<s>",
             "eos_token": "</s>", "x": 7, "s": "text", "l": [3, 1, 2], "d": {"b": 1, "a": {"c": null}}}
            """
        return (try? JSON(parsing: Array(source.utf8)))?.objectValue ?? JSON.Object()
    }()
}
