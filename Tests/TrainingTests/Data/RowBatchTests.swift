import ApusTokenization
import Testing

@testable import ApusTraining

@Suite("Batches of rows")
struct RowBatchTests {
    private let folder = DataFolder()

    private func data(_ rows: Int) throws -> FineTuningData {
        let text = (0..<rows).map { row in
            let words = String(repeating: " w", count: row % 7)
            return "{\"prompt\": \"question \(row % 40)\(words)\", \"completion\": \" answer \(row)\"}\n"
        }
        let encoder = try RowEncoder(tokenizer: DataFixture.tokenizer(), chatTemplate: nil)
        return try FineTuningData(paths: [folder.write("rows.jsonl", text.joined())], encoder: encoder)
    }

    @Test("An epoch has each row once, in batches within the budget", arguments: [1, 30, 100, 100_000])
    func epochs(budget: Int) throws {
        let data = try data(60)
        let batches = try RowBatches(data, tokenBudget: budget, seed: 5)
        for number in [0, 1, nil] {
            let epoch = batches.epoch(number)
            var rows: [Int] = []
            for step in 0..<epoch.count {
                let batch = epoch[step]
                #expect(batch.inputs.count <= budget || batch.lengths.count == 1)
                #expect(batch.lengths.reduce(0, +) == batch.inputs.count)
                #expect(batch.targets.count == batch.inputs.count && batch.learned.count == batch.inputs.count)
                var place = 0
                for (length, row) in zip(batch.lengths, batch.rows) {
                    let tokens = data[row][0].tokens
                    #expect(Array(batch.inputs[place..<place + length]) == Array(tokens.dropLast()))
                    #expect(Array(batch.targets[place..<place + length]) == Array(tokens.dropFirst()))
                    place += length
                }
                rows += batch.rows
            }
            #expect(rows.sorted() == Array(0..<60))
            #expect((rows == rows.sorted()) == (number == nil))
            #expect(epoch[epoch.count] == RowBatch())
        }
        #expect(batches.steps(epochs: 2) == batches.epoch(0).count + batches.epoch(1).count)
        let few = try RowBatches(data, tokenBudget: budget, rowLimit: 4, seed: 5).epoch(0)
        #expect((0..<few.count).allSatisfy { few[$0].lengths.count <= 4 })
    }

    @Test("Seed, epoch and step alone decide what is in a batch")
    func resume() throws {
        let (first, second) = (try data(60), try data(60))
        let (a, b) = (try RowBatches(first, tokenBudget: 90, seed: 5), try RowBatches(second, tokenBudget: 90, seed: 5))
        #expect(first.content == second.content)
        #expect(a.epoch(3)[2] == b.epoch(3)[2])
        #expect(a.epoch(3)[2] != a.epoch(4)[2])
        #expect(try RowBatches(first, tokenBudget: 90, seed: 6).epoch(3)[2] != a.epoch(3)[2])
        #expect(throws: DataError.self) { try RowBatches(first, tokenBudget: 0, seed: 1) }
        #expect(throws: DataError.self) { try RowBatches(first, tokenBudget: 9, rowLimit: 0, seed: 1) }
    }

    @Test("Held-out rows have prompts of their own")
    func heldOut() throws {
        let data = try data(300)
        let (training, heldOut) = try data.split(heldOutShare: 0.1, seed: 4)
        #expect(training.count + heldOut.count == 300)
        #expect(heldOut.count >= 15 && heldOut.count <= 45)
        let prompts = Set((0..<training.count).map { training.prompt(of: $0) })
        #expect((0..<heldOut.count).allSatisfy { !prompts.contains(heldOut.prompt(of: $0)) })
        let again = try data.split(heldOutShare: 0.1, seed: 4)
        #expect(again.heldOut.rows == heldOut.rows)
        #expect(try data.split(heldOutShare: 0.1, seed: 5).heldOut.rows != heldOut.rows)
        #expect(try data.split(heldOutShare: 0, seed: 5).heldOut.count == 0)
        #expect(throws: DataError.self) { try data.split(heldOutShare: 0.6, seed: 5) }
        #expect(training.learnedTokens + heldOut.learnedTokens == data.report.learnedTokens)
    }
}
