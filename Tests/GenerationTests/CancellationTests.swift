import ApusModels
import Testing

@testable import ApusGeneration

@Suite("Cancelled work")
struct CancellationTests {
    @Test("A batch ends between two layers, leaves its sequence as it was, and gives the same bits when run again")
    func layers() async throws {
        let model = try TinyModel.load(prefixBytes: 0)
        let tokens = try model.promptTokens("The quick brown fox jumps over the lazy dog.")
        let sequence = model.cache.makeSequence()
        let fresh = try model.decoder.run([.init(model.cache.makeSequence(), tokens)]).toArray()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try model.decoder.run([.init(sequence, tokens)], stopsWhenCancelled: true).toArray()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(sequence.length == 0)
        let again = try model.decoder.run([.init(sequence, tokens)], stopsWhenCancelled: true).toArray()
        #expect(again.map(\.bitPattern) == fresh.map(\.bitPattern))
        // Only where it is asked for: training finishes its step.
        let other = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try model.decoder.run([.init(model.cache.makeSequence(), tokens)]).toArray()
        }
        #expect(try await other.value.map(\.bitPattern) == fresh.map(\.bitPattern))
    }
}
