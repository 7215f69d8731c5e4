import ApusTensors

/// Why training cannot begin or go on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
    /// All weights of a quantised model were to be trained.
    case quantizedBase(tensor: String, type: DType, file: String)
    case unknownFamily(String, known: [String])
    case badSetting(String, value: String, expected: String)
    case tokenizerTooLarge(tokens: Int, vocabulary: Int, file: String)
    case notFinite(step: Int, rate: Double)
    case noCheckpoint(folder: String)
    case runExists(folder: String)
    case damagedCheckpoint(file: String, reason: String)
    case otherRun(file: String, setting: String, here: String, there: String)
    case notEnoughMemory(needed: Int, available: Int)
    /// A packed corpus has the tokens of a tokenizer that it does not hold.
    case packedWithoutTokenizer(file: String)
    /// The plan of a run that picks its own sizes is for another time, or cannot be read.
    case otherPlan(file: String, reason: String)

    public var description: String {
        switch self {
        case .quantizedBase(let tensor, let type, let file):
            "\(file): tensor '\(tensor)' is stored as \(type), whose values cannot be trained; train an adapter over it "
                + "with --lora, or take a model in F32, F16 or BF16"
        case .unknownFamily(let name, let known):
            "there is no family '\(name)' to train; there are \(known.joined(separator: ", "))"
        case .badSetting(let setting, let value, let expected):
            "\(setting) is \(value), but must be \(expected)"
        case .tokenizerTooLarge(let tokens, let vocabulary, let file):
            "\(file): the tokenizer has \(tokens) tokens, but the model's vocabulary only \(vocabulary); take the "
                + "tokenizer that the model was made with"
        case .notFinite(let step, let rate):
            "the loss is not a finite number at step \(step), also at half the learning rate (\(rate)); the last good "
                + "state is kept: continue from it with a lower --lr"
        case .noCheckpoint(let folder):
            "\(folder): there is no checkpoint to resume from; leave out --resume to begin anew"
        case .runExists(let folder):
            "\(folder): a run was begun here already; go on with it with --resume, or take another folder"
        case .damagedCheckpoint(let file, let reason):
            "\(file): the checkpoint is damaged: \(reason)"
        case .otherRun(let file, let setting, let here, let there):
            "\(file): the checkpoint belongs to a run with \(setting) \(there), not \(here); resume with the same "
                + "settings, or begin anew in another folder"
        case .packedWithoutTokenizer(let file):
            "\(file): is packed, so it has tokens in place of text; name the tokenizer that it was packed with by "
                + "--tokenizer (the folder that it lies in, if `apus train` wrote it)"
        case .otherPlan(let file, let reason):
            "\(file): \(reason); resume with the same --hours, or begin anew in another folder"
        case .notEnoughMemory(let needed, let available):
            "training would take \(needed >> 20) MiB of memory, but \(available >> 20) MiB are there; lower --batch or "
                + "--context, or add --save-memory"
        }
    }
}
