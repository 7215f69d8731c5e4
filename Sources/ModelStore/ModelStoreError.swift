/// What the local store can't do, and why.
public enum ModelStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No model of this name; `near` has names that are alike.
    case notFound(name: String, near: [String])
    /// Several models answer to this name.
    case ambiguous(name: String, candidates: [String])
    /// The entry is there, but not whole.
    case broken(name: String, path: String, reason: String)
    /// A name that no entry can have.
    case badName(name: String, reason: String)
    /// There is an entry of this name already.
    case exists(name: String, path: String)
    /// What was to be registered is no model.
    case notAModel(path: String, reason: String)
    /// The files belong to another program's store.
    case belongsToOther(name: String, place: StoredModel.Place, path: String)
    /// The entry lies outside the store (reached through a link).
    case outsideStore(name: String, path: String, store: String)
    /// A pull of this model is under way.
    case busy(name: String)
    case file(StoreFileError)

    public var description: String {
        switch self {
        case .notFound(let name, let near):
            let advice =
                near.isEmpty
                ? "see `apus list`, or fetch it with `apus pull hf:ORG/REPO`"
                : "did you mean \(near.joined(separator: ", "))?"
            return "no model named \"\(printable(name))\" in the store: \(advice)"
        case .ambiguous(let name, let candidates):
            return "\"\(printable(name))\" is the name of \(candidates.count) models; say which: "
                + candidates.joined(separator: ", ")
        case .broken(let name, let path, let reason):
            return "the model \(printable(name)) at \(path) is not whole: \(reason); pull it again or remove it"
        case .badName(let name, let reason):
            return "\"\(printable(name))\" can't be a model's name: \(reason)"
        case .exists(let name, let path):
            return "there is a model named \(printable(name)) already, at \(path); remove it first or take another name"
        case .notAModel(let path, let reason):
            return "\(path) is no model: \(reason)"
        case .belongsToOther(let name, let place, let path):
            switch place {
            case .huggingFaceCache:
                return
                    "\(printable(name)) lies in the cache of the Hugging Face tools (\(path)), which Apus only reads; "
                    + "remove it with `hf cache rm` or `huggingface-cli delete-cache`"
            case .ollama:
                return "\(printable(name)) belongs to Ollama (\(path)), whose store Apus only reads; "
                    + "remove it with `ollama rm`"
            case .store:
                return "\(printable(name)) at \(path) is not Apus's own"
            }
        case .outsideStore(let name, let path, let store):
            return "\(printable(name)) at \(path) lies outside the store \(store) and is not removed; remove it there"
        case .busy(let name):
            return "\(printable(name)) is being pulled at the moment; wait for its end or stop that pull"
        case .file(let error):
            return error.description
        }
    }
}
