import Apus
import ApusModelFiles
import ApusTokenization
import ArgumentParser

/// A kind and a size of vocabulary to learn from text files, written `wordpiece:8000`, for comparing how long that
/// takes and what comes out.
struct VocabularyRecipe: ExpressibleByArgument {
    let kind: VocabularyTraining.Kind
    let size: Int

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = VocabularyTraining.Kind(rawValue: String(parts[0])),
            let size = Int(parts[1]), (1...10_000_000).contains(size)
        else { return nil }
        self.kind = kind
        self.size = size
    }

    func tokenizerJSON(from files: [String], threads: Int) throws -> JSON {
        var training = VocabularyTraining(kind, vocabularySize: size)
        training.threads = threads
        return try training.train(files: files)
    }
}
