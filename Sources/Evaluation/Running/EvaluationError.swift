/// Why an evaluation can't be run.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
    case messagesWithoutTemplate(model: String)
    case systemWithoutTemplate(model: String)
    case noLikelihoods(model: String)
    case choiceWithoutTokens(String)
    /// A task that this model can't be given.
    case task(TaskPlace, reason: String)

    public var description: String {
        switch self {
        case .messagesWithoutTemplate(let model):
            "messages need a chat template, which \(model) has not or --raw leaves out; give \"prompt\" instead"
        case .systemWithoutTemplate(let model):
            "--system needs a chat template, which \(model) has not or --raw leaves out; write it into the prompts"
        case .noLikelihoods(let model):
            "a choice needs the likelihood of each text, which \(model) does not give; use another kind of check"
        case .choiceWithoutTokens(let text):
            "the choice \"\(text)\" adds no token to the prompt, so that its likelihood can't be told"
        case .task(let place, let reason): "\(place): \(reason)"
        }
    }
}
