import ApusModelFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What `Fixtures/make_chat_templates.py` wrote, and the templates beside it.
enum ChatTemplateFixture {
    static let folder = String(#filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()) + "/Fixtures"

    static let json: JSON = {
        guard let json = try? JSON(parsing: bytes(of: "\(folder)/chat_templates.json")) else { return .null }
        return json
    }()

    /// Published templates by name.
    static let names = [
        "NousResearch-Hermes-3-Llama-3.1-8B-tool_use", "Qwen-Qwen2.5-7B-Instruct", "Qwen-Qwen3-0.6B",
        "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "google-gemma-2-2b-it", "meta-llama-Llama-3.1-8B-Instruct",
        "microsoft-Phi-3.5-mini-instruct", "mistralai-Mistral-Nemo-Instruct-2407",
    ]

    static func source(_ name: String) -> String {
        String(decoding: bytes(of: "\(folder)/chat-templates/\(name).jinja"), as: UTF8.self)
    }

    static func bytes(of path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func fnv(_ text: String) -> String {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whether a result (nil for an error) is the expected one.
    static func matches(_ text: String?, _ expected: JSON) -> Bool {
        switch expected {
        case .null: text == nil
        case .string(let string): text.map { Array($0.utf8) == Array(string.utf8) } ?? false
        default:
            text.map { $0.utf8.count == expected["length"]?.intValue && fnv($0) == expected["fnv"]?.stringValue }
                ?? false
        }
    }
}
