import Apus
import ApusGeneration
import ArgumentParser

/// How the next tokens are guessed: the flags of every command that writes text. They change nothing but the time.
struct SpeculationArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("A small model of the same vocabulary that guesses the next tokens.", valueName: "model"),
        completion: ModelCompletion.any)
    var draft: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Guess that the text goes on as it did where its last tokens stood before, as long as that pays.")
    var lookup = true

    /// - Throws: `GenerationError.draftVocabulary(draft:model:reason:)`, and what opening the draft model throws.
    func options(for model: LocalModel) async throws -> SpeculationOptions {
        guard let draft else { return SpeculationOptions(looksUp: lookup) }
        return SpeculationOptions(
            looksUp: lookup, draft: try DraftModel(path: try await ModelLookup.path(draft), for: model))
    }
}
