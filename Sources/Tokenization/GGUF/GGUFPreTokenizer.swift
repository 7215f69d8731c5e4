/// How llama.cpp cuts text for a kind of pre-tokenizer (`tokenizer.ggml.pre`), before byte pair encoding.
///
/// The expressions are those of llama.cpp (`llama-vocab.cpp`, release 0.3.36 of its Python package), some of which differ
/// from the model's own `tokenizer.json`; ids follow llama.cpp. Each cuts what those before it have left.
struct GGUFPreTokenizer: Sendable {
    let names: [String]
    let patterns: [String]
    /// A word that is a token as a whole is that token.
    var ignoresMerges = false
    /// BOS is added where the file does not say.
    var addsBOS = false
    /// Spaces are written as "▁" and tokens are text, not bytes in GPT-2's alphabet.
    var escapesSpaces = false

    static func named(_ name: String) -> GGUFPreTokenizer? { all.first { $0.names.contains(name) } }

    /// A pattern that stands for cutting digits in groups of three from the right.
    static let digitGroups = "digits"

    func splitter() throws(RegexError) -> RegexSplitter {
        var steps: [RegexSplitter.Step] = []
        for pattern in patterns {
            if pattern == GGUFPreTokenizer.digitGroups {
                steps.append(.digitGroups)
            } else {
                steps.append(.regex(try TokenizerRegex(pattern, dialect: .llamaCpp)))
            }
        }
        return RegexSplitter(steps)
    }

    static let all: [GGUFPreTokenizer] = [
        GGUFPreTokenizer(
            names: ["default"],
            patterns: [
                #"[\p{P}\$\+<=>\^~\|]+"#,
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
                #"\p{N}+"#,
                #"[0-9][0-9][0-9]"#,
            ]),
        GGUFPreTokenizer(
            names: ["minicpm5"],
            patterns: [
                #"\p{N}{1,3}"#,
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L\#
                }\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#,
            ], ignoresMerges: true),
        GGUFPreTokenizer(
            names: [
                "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
                "jina-v5-nano",
            ],
            patterns: [
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\#
                \p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ], ignoresMerges: true, addsBOS: true),
        GGUFPreTokenizer(
            names: ["deepseek-llm"],
            patterns: [
                #"[\r\n]"#,
                #"""
                \s?[A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF}\x{1C4}-\x{293}\x{295}-\x{2AF\#
                }\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D}\x{37F}\x{386}\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1}\x{3\#
                A3}-\x{3F5}\x{3F7}-\x{481}\x{48A}-\x{52F}\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5}\x{13F8}-\\#
                x{13FD}\x{1C90}-\x{1CBA}\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B}\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A}\x{1E00}\#
                -\x{1F15}\x{1F18}-\x{1F1D}\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D\#
                }\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4}\x{1FC6}-\x{1FCC}\x{1FD\#
                0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC}\x{1FF2}-\x{1FF4}\x{1FF6}-\x{1FFC}\x{2102}\x{2107}\x{21\#
                0A}-\x{2113}\x{2115}\x{2119}-\x{211D}\x{2124}\x{2126}\x{2128}\x{212A}-\x{212D}\x{212F}-\x{2134}\x{21\#
                39}\x{213C}-\x{213F}\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184}\x{2C00}-\x{2C7B}\x{2C7E}-\x{2CE4}\x{2C\#
                EB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D}\x{A680}-\x{A69B}\x{A722}-\x{A76F}\x{A771}-\x{A787}\x{A\#
                78B}-\x{A78E}\x{AB70}-\x{ABBF}\x{FB00}-\x{FB06}\x{FB13}-\x{FB17}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x\#
                {10400}-\x{1044F}\x{104B0}-\x{104D3}\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A\#
                0}-\x{118DF}\x{1E900}-\x{1E943}]+
                """#,
                #"\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+"#,
                #"\s+$"#,
                #"[\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+"#,
                #"\p{N}+"#,
            ]),
        GGUFPreTokenizer(
            names: ["deepseek-coder"],
            patterns: [
                #"[\r\n]"#,
                #"\s?\p{L}+"#,
                #"\s?\p{P}+"#,
                #"[\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+"#,
                #"\p{N}"#,
            ]),
        GGUFPreTokenizer(
            names: ["deepseek-v3", "hunyuan-dense", "hy_v4", "joyai-llm"],
            patterns: [
                #"\p{N}{1,3}"#,
                #"[\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+"#,
                #"""
                [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+\#
                [\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#,
            ]),
        GGUFPreTokenizer(
            names: ["spark2_5"],
            patterns: [
                #"\p{N}{1,3}"#,
                #"[\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+"#,
                #"""
                [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+\#
                |[\r\n]|\s+(?!\S)|\s+
                """#,
                #"\p{N}"#,
            ]),
        GGUFPreTokenizer(
            names: ["youtu"],
            patterns: [
                #"""
                [\x{AC00}-\x{D7A3}\x{3131}-\x{318E}]+|[\x{FF01}\x{2026}\x{201C}\x{201D}\x{2018}\x{2019}\x{2014}\x{FF\#
                1A}\x{FF1B}\x{FF0C}\x{3001}-\x{303F}\x{FE30}-\x{FE4F}]+|[\x{3105}-\x{312F}]+|[\x{4E00}-\x{9FA5}\x{30\#
                40}-\x{309F}\x{30A0}-\x{30FF}]+
                """#,
                #"""
                [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]\#
                |'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p\#
                {Lo}\p{M}]*(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/\#
                ]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#,
            ], ignoresMerges: true),
        GGUFPreTokenizer(
            names: ["falcon"],
            patterns: [
                #"[\p{P}\$\+<=>\^~\|`]+"#,
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
                #"[0-9][0-9][0-9]"#,
            ]),
        GGUFPreTokenizer(
            names: [
                "mpt", "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0",
                "mellum", "modern-bert", "jina-v1-en", "jina-v2-code", "roberta-bpe", "olmo", "jais", "exaone4",
                "trillion", "granite-docling",
            ],
            patterns: [
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#
            ]),
        GGUFPreTokenizer(
            names: ["starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"],
            patterns: [
                #"\p{N}"#,
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
            ]),
        GGUFPreTokenizer(
            names: ["jais-2"],
            patterns: [
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\#
                \p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\\#
                s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}
                """#
            ]),
        GGUFPreTokenizer(
            names: ["gemma4", "granite-embed-multi-311m", "sarvam-moe"],
            patterns: [
                #"[^\n]+|[\n]+"#
            ], escapesSpaces: true),
        GGUFPreTokenizer(
            names: [
                "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "stablelm2", "megrez", "hunyuan", "grok-2",
                "solar-open",
            ],
            patterns: [
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\#
                \p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ]),
        GGUFPreTokenizer(
            names: ["qwen35"],
            patterns: [
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\#
                \s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ]),
        GGUFPreTokenizer(
            names: ["dbrx", "smaug-bpe", "chatglm-bpe"],
            patterns: [
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\#
                \p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ]),
        GGUFPreTokenizer(
            names: ["poro-chat", "bloom", "gpt3-finnish"],
            patterns: [
                #" ?[^(\s|.,!?\x{2026}\x{3002}\x{FF0C}\x{3001}\x{964}\x{6D4}\x{60C})]+"#
            ]),
        GGUFPreTokenizer(
            names: ["glm4", "glm5"],
            patterns: [
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\#
                \p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ], ignoresMerges: true),
        GGUFPreTokenizer(
            names: ["viking"],
            patterns: [
                #" ?[^(\s|.,!?\x{2026}\x{3002}\x{FF0C}\x{3001}\x{964}\x{6D4}\x{60C})]+"#,
                #"\p{N}"#,
            ]),
        GGUFPreTokenizer(
            names: ["tekken"],
            patterns: [
                #"""
                [^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+|[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]\#
                ))+((?=[\p{L}])([^A-Z]))*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ], ignoresMerges: true, addsBOS: true),
        GGUFPreTokenizer(
            names: ["exaone-moe"],
            patterns: [
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\\#
                p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+
                """#
            ]),
        GGUFPreTokenizer(
            names: ["chameleon"],
            patterns: [
                #"<sentinel:[0-9]+>"#,
                #"(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z"#,
                #"([\t\n]|    |  )"#,
                #"\p{N}"#,
                #"[\p{P}!-/:-@\[-`{-~]"#,
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
            ], addsBOS: true),
        GGUFPreTokenizer(
            names: ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"],
            patterns: [
                #"""
                [^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[m\#
                M]|'[lL][lL]|'[dD])?|[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*(?:'[sS]|'[tT]|'[\#
                rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)\#
                |\s+
                """#
            ]),
        GGUFPreTokenizer(
            names: ["granite-embed-multi-97m"],
            patterns: [
                #"""
                [^\r\n\p{L}\p{N}]?((?=[\p{L}\p{M}])([^a-z]))*((?=[\p{L}\p{M}])([^A-Z]))+(?:'[sS]|'[tT]|'[rR][eE]|'[v\#
                V][eE]|'[mM]|'[lL][lL]|'[dD])?|[^\r\n\p{L}\p{N}]?((?=[\p{L}\p{M}])([^a-z]))+((?=[\p{L}\p{M}])([^A-Z]\#
                ))*(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\#
                \s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ], ignoresMerges: true),
        GGUFPreTokenizer(
            names: ["tiny_aya", "cohere2moe"],
            patterns: [
                digitGroups,
                #"""
                [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]\#
                |'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p\#
                {Lo}\p{M}]*(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\#
                \r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#,
            ]),
        GGUFPreTokenizer(
            names: ["superbpe"],
            patterns: [
                #"\p{N}+"#,
                #"(?=(\d{3})+(?!\d))"#,
            ]),
        GGUFPreTokenizer(
            names: ["bailingmoe", "bailingmoe2", "llada-moe"],
            patterns: [
                #"""
                '(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\#
                \s*[\r\n]|\s+(?!\S)|\s+
                """#
            ]),
        GGUFPreTokenizer(
            names: ["seed-coder"],
            patterns: [
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p\#
                {L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ]),
        GGUFPreTokenizer(
            names: ["kimi-k2"],
            patterns: [
                #"""
                [\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{20000}-\x{2A6DF}\x{2A700}-\x{2B73F}\x{2B740}-\x{2B81F}\x{2B820\#
                }-\x{2CEAF}\x{2CEB0}-\x{2EBEF}\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}]+|[^\r\n\p{L}\p{N}]?(?:(?![\x{4E0\#
                0}-\x{9FFF}\x{3400}-\x{4DBF}\x{20000}-\x{2A6DF}\x{2A700}-\x{2B73F}\x{2B740}-\x{2B81F}\x{2B820}-\x{2C\#
                EAF}\x{2CEB0}-\x{2EBEF}\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}])\p{L})+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][e\#
                E]|'[mM]|'[lL][lL]|'[dD])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#
            ]),
        GGUFPreTokenizer(
            names: ["ufakzeka"],
            patterns: [
                #"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
            ]),
        GGUFPreTokenizer(
            names: ["afmoe"],
            patterns: [
                digitGroups,
                #"""
                [\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{8C48}-\x{FAFF}\x{3040}-\x{309F}\x{30A0}-\x{30FF}\x{FF65}-\x{FF\#
                9F}\x{2F00}-\x{2FDF}\x{E40}-\x{E7F}\x{E80}-\x{EFF}\x{1780}-\x{17FF}\x{1000}-\x{109F}\x{AA60}-\x{AA7F\#
                }\x{A9E0}-\x{A9FF}\x{AC00}-\x{D7AF}\x{1100}-\x{11FF}]+
                """#,
                #"""
                [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+\#
                [\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#,
            ]),
        GGUFPreTokenizer(
            names: ["laguna"],
            patterns: [
                #"[^\n]+|[\n]+"#,
                #"""
                (?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\#
                \p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
                """#,
            ]),
    ]
}
