import ApusModelFiles
import ApusModels
import ApusTensors
import ApusTokenization

/// A model on this machine, ready to write: a decoder, its tokenizer, and its chat template.
///
/// ```swift
/// let model = try LocalModel(path: "model.gguf")
/// for try await piece in try model.generate("Once upon a time") { print(piece, terminator: "") }
/// ```
public final class LocalModel: Sendable {
    public let path: String
    public let loaded: LoadedDecoder
    public let tokenizer: Tokenizer
    /// The model's own chat template as its files have it; nil for models that only continue text.
    public let chatTemplateSource: String?
    /// Tokens that end a text, from all the places where the model's files name them.
    public let endOfGeneration: Set<TokenID>
    /// Tokens that may be chosen: embeddings beyond the tokenizer's vocabulary are padding.
    public let vocabulary: Int
    /// Tokens that a sequence may have.
    public let context: Int
    /// The type of cached keys and values.
    public let cacheType: DType
    /// The memory of all sequences of this model's generations.
    let cache: KVCache
    /// What generations have read lately, from which those that begin alike start.
    public let prefixes: PrefixCache
    /// What steps of generations cost.
    let stepCosts = StepCosts()
    /// The tokens that constrained texts are made of.
    private let lazyTrie = LazyTokenTrie()

    public var decoder: any Decoder { loaded.decoder }

    /// Opens a model. Costs little: weights are mapped, not read.
    ///
    /// - Parameters:
    ///   - path: a `.gguf` file or a Hugging Face folder.
    ///   - context: tokens that a sequence may have; nil for as many as the model was made for.
    ///   - cacheType: one of ``KVLayout/dtypes``; nil chooses float32 for float32 weights, half precision for all others.
    ///   - prefixBytes: memory for what was read lately, see ``PrefixCache/budgetBytes``; 0 reads each prompt anew.
    ///   - adapters: low-rank adapters over the weights; several add up.
    /// - Throws: the errors of file formats, tokenizers and models, each naming file and place.
    public init(
        path: String, context: Int? = nil, cacheType: DType? = nil, prefixBytes: Int = 512 << 20,
        adapters: [AdapterReference] = []
    ) throws {
        let loaded = try LoadedDecoder(path: path, adapters: adapters)
        self.path = path
        self.loaded = loaded
        let configuration = loaded.configuration
        if let context {
            guard context >= 1 else {
                throw GenerationError.outOfRange(parameter: "the context", value: context, allowed: "1 or more")
            }
            // Positions that are learned end where their table does; rotations and slopes go on.
            if configuration.hasLearnedPositions, context > configuration.context {
                throw GenerationError.contextTooLarge(asked: context, model: configuration.context)
            }
        }
        self.context = context ?? configuration.context
        let embedding = try loaded.weights.tensor(named: "token_embd.weight")
        self.cacheType = cacheType ?? (embedding.dtype == .f32 ? .f32 : .f16)
        let tokenizer: Tokenizer
        switch loaded.format {
        case .gguf(let file):
            tokenizer = try Tokenizer(gguf: file.metadata)
        case .huggingFace: tokenizer = try Tokenizer.folder(path)
        }
        chatTemplateSource = try loaded.chatTemplateSource()
        self.tokenizer = tokenizer
        endOfGeneration = loaded.endTokens.union(tokenizer.endOfGeneration)
        vocabulary = min(tokenizer.vocabularySize, configuration.vocabulary)
        cache = KVCache(layout: loaded.decoder.cacheLayout(self.cacheType), context: self.context)
        prefixes = PrefixCache(cache, budgetBytes: prefixBytes)
    }

    /// A cache of its own for sequences of this model.
    public func makeCache(budgetBytes: Int = .max) -> KVCache {
        KVCache(layout: decoder.cacheLayout(cacheType), context: context, budgetBytes: budgetBytes)
    }

    /// The tokens of a prompt: those that a text begins with, then the text's own. Special tokens in the text are text.
    ///
    /// - Throws: `TokenizationError` where the vocabulary has nothing for the text.
    public func promptTokens(_ text: String) throws(TokenizationError) -> [TokenID] {
        try tokenizer.encode(text, addSpecial: true)
    }

    /// Continues a text.
    ///
    /// - Throws: ``GenerationError/promptTooLong(tokens:context:)``, ``SamplingError`` for options out of range.
    public func generate(_ prompt: String, _ options: GenerationOptions = GenerationOptions()) throws -> Generation {
        try Generation(self, prompt: promptTokens(prompt), options)
    }

    /// Continues tokens.
    public func generate(tokens: [TokenID], _ options: GenerationOptions = GenerationOptions()) throws -> Generation {
        try Generation(self, prompt: tokens, options)
    }

    /// The tokens that constrained texts are made of, by their bytes.
    var tokenTrie: TokenTrie {
        lazyTrie { TokenTrie(tokenizer, vocabulary: vocabulary, except: endOfGeneration) }
    }

    /// The sequence breakers of DRY in this vocabulary.
    func dryBreakers(_ options: SamplingOptions) -> DRYBreakers {
        guard let dry = options.dry else { return DRYBreakers() }
        return DRYBreakers(
            dry.sequenceBreakers, vocabulary: vocabulary,
            spelling: { self.tokenizer.piece(of: $0) ?? [] },
            // What has no tokens can't break a sequence of them.
            tokenize: { (try? self.tokenizer.encode($0)) ?? [] })
    }
}
