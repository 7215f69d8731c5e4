/// All that there is to say about a training run: what its report shows, and what is kept beside the model.
///
/// Whoever runs the training fills it in; ``TrainingReport`` makes a page of it, ``json`` keeps it.
public struct RunSummary: Sendable, Equatable {
    public enum Method: String, Sendable, CaseIterable {
        /// From fresh weights.
        case scratch
        /// Pre-training that goes on from a model.
        case continued
        /// Fine-tuning of all weights.
        case full
        case lora
        /// LoRA over a quantised base.
        case qlora
        /// Direct preference optimisation.
        case dpo
    }

    /// How the run came to its end.
    public enum Ending: String, Sendable, CaseIterable {
        /// All steps were done.
        case finished
        /// The held-out loss did not get better any more.
        case stoppedEarly = "stopped_early"
        /// Somebody stopped it; it can be resumed.
        case interrupted
    }

    /// The model's shape. What a family does not have stays nil.
    public struct Model: Sendable, Equatable {
        public var family: String
        public var parameters: Int
        /// Parameters that were trained; of an adapter, its own.
        public var trainedParameters: Int
        public var layers: Int?
        public var width: Int?
        public var heads: Int?
        public var keyValueHeads: Int?
        public var feedForward: Int?
        public var vocabulary: Int?
        /// In tokens.
        public var context: Int?

        public init(family: String, parameters: Int, trainedParameters: Int) {
            self.family = family
            self.parameters = parameters
            self.trainedParameters = trainedParameters
        }
    }

    /// A setting as it was used, chosen or by default: the name as in the command line, such as `--lr`.
    public struct Setting: Sendable, Equatable {
        public var name: String
        public var value: String
        /// Why it has this value, where the program chose it.
        public var reason: String?

        public init(_ name: String, _ value: String, reason: String? = nil) {
            self.name = name
            self.value = value
            self.reason = reason
        }
    }

    /// What was found in data before the first step.
    public struct DataPart: Sendable, Equatable {
        public enum Use: String, Sendable, CaseIterable {
            case training
            case heldOut = "held_out"
        }

        public var use: Use
        public var report: DataReport

        public init(_ use: Use, _ report: DataReport) {
            self.use = use
            self.report = report
        }
    }

    /// A prompt that was not learned from, and what the models make of it.
    public struct Comparison: Sendable, Equatable {
        public var prompt: String
        /// The answer that the data have; nil where they have none.
        public var expected: String?
        /// The answer of the model that the run began with; nil where there was none.
        public var base: String?
        public var tuned: String

        public init(prompt: String, expected: String?, base: String?, tuned: String) {
            self.prompt = prompt
            self.expected = expected
            self.base = base
            self.tuned = tuned
        }
    }

    /// What the model was made from: the base, tokenizers, data, each with a hash of its bytes.
    public struct Source: Sendable, Equatable {
        public enum Role: String, Sendable, CaseIterable {
            case base
            case tokenizer
            case data
            case heldOutData = "held_out_data"
        }

        public var role: Role
        public var name: String
        /// Such as "sha256:…".
        public var hash: String?
        public var bytes: Int?

        public init(_ role: Role, name: String, hash: String? = nil, bytes: Int? = nil) {
            self.role = role
            self.name = name
            self.hash = hash
            self.bytes = bytes
        }
    }

    /// A file or folder that the run wrote.
    public struct Result: Sendable, Equatable {
        public var name: String
        public var bytes: Int

        public init(name: String, bytes: Int) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// Where it was trained.
    public struct Machine: Sendable, Equatable {
        public var processor: String
        public var threads: Int
        /// The table of kernels: "avx512", …
        public var codePath: String
        /// What the products are computed in: "float32", "bfloat16".
        public var precision: String
        /// Bytes.
        public var memory: Int?

        public init(processor: String, threads: Int, codePath: String, precision: String, memory: Int? = nil) {
            self.processor = processor
            self.threads = threads
            self.codePath = codePath
            self.precision = precision
            self.memory = memory
        }
    }

    /// What was said before the first step.
    public struct Forecast: Sendable, Equatable {
        public var seconds: Double
        /// Bytes at the most.
        public var memory: Int

        public init(seconds: Double, memory: Int) {
            self.seconds = seconds
            self.memory = memory
        }
    }

    /// The model's name.
    public var name: String
    public var method: Method
    public var ending = Ending.finished
    /// When it ended, such as "2026-11-24 14:05 UTC".
    public var date: String
    /// The version of Apus.
    public var version: String
    public var model: Model
    /// Steps that were planned.
    public var steps: Int
    public var settings: [Setting] = []
    public var data: [DataPart] = []
    public var history: RunHistory
    /// Held-out loss of the base before step 1, in nats a token.
    public var baseHeldOutLoss: Double?
    public var comparisons: [Comparison] = []
    public var sources: [Source] = []
    public var results: [Result] = []
    public var machine: Machine
    public var forecast: Forecast?
    /// The most memory that the program took, in bytes.
    public var peakMemory: Int?

    public init(
        name: String, method: Method, date: String, version: String, model: Model, steps: Int, history: RunHistory,
        machine: Machine
    ) {
        self.name = name
        self.method = method
        self.date = date
        self.version = version
        self.model = model
        self.steps = steps
        self.history = history
        self.machine = machine
    }
}
