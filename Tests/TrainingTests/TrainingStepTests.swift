import ApusModelFiles
import ApusModels
import Testing

@testable import ApusTensors
@testable import ApusTraining

@Suite("Steps of training")
struct TrainingStepTests {
    @Test("Rows without a target are left out of the output matrix, and nothing else changes")
    func predicting() throws {
        let model = try TrainableModel(fresh: SmallRun.config, seed: 2)
        let tokens = (0..<12).map { Int32($0 * 5 % 32) }
        let targets: [Int32] = [-1, -1, 3, 9, -1, 1, 30, -1, -1, -1, 7, 8]
        let batch = TokenBatch(sequences: [tokens[..<7], tokens[7...]], targets: targets)
        #expect(batch.learnedInSequences == [4, 2])
        func gradients(_ body: () throws -> Double) rethrows -> (Double, [[Float]]) {
            model.parameters.clearGradients()
            let loss = try body()
            return (loss, model.parameters.parameters.map { $0.tensor.gradient?.toArray() ?? [] })
        }
        let (loss, short) = try gradients {
            try LanguageModelObjective(model, context: 16, batches: { _ in [batch] }).learn(step: 0).loss
        }
        let (whole, long) = try gradients {
            try Differentiation.recording {
                let states = try model.decoder.states(Batch(sequences: batch.sequences, context: 16))
                let losses = try model.decoder.head.losses(
                    states, targets: targets, factors: [Float](repeating: 1 / 6, count: targets.count))
                states.passBack()
                return losses.reduce(0, +) / 6
            }
        }
        #expect((loss - whole).magnitude < 1e-6)
        for (a, b) in zip(short, long) {
            let largest = b.map(\.magnitude).max() ?? 0
            #expect(zip(a, b).allSatisfy { ($0 - $1).magnitude <= 1e-5 * largest + 1e-9 })
        }
    }

    @Test("Each part of a step has draws of its own, which the same part has again")
    func dropout() throws {
        let clock = Dropout.Clock(seed: 4)
        let dropout = Dropout(rate: 0.5, layer: 3, clock: clock)
        let x = try Tensor([Float](repeating: 1, count: 400), shape: [4, 100])
        func mask(_ step: Int, _ part: Int) -> [Float] {
            clock.begin(step: step, part: part)
            return Differentiation.recording { dropout(x).toArray() }
        }
        let first = mask(7, 0)
        #expect(mask(7, 1) != first)
        #expect(mask(8, 0) != first)
        #expect(mask(7, 1) != mask(8, 0))
        #expect(mask(7, 0) == first)
    }

    @Test("Where the rate has a plateau, a held-out loss that gets no better brings it down from the best state")
    func comesDown() throws {
        func run() throws -> SmallRun {
            var run = try SmallRun(steps: 4000)
            run.settings.rate = LearningRate(.stable, peak: 0.3, warmup: 0)
            run.settings.patience = 2
            return run
        }
        let whole = try run()
        let (trainer, model) = try whole.trainer()
        var turns: [(from: Int, to: Int, last: Int)] = []
        var best = Double.infinity
        var bestBefore = Double.infinity
        try trainer.run { event in
            if case .heldOut(_, let loss, _) = event { best = min(best, loss) }
            if case .cameDown(let from, let to, let last) = event {
                turns.append((from, to, last))
                bestBefore = best
            }
        }
        #expect(turns.count == 1)
        let turn = try #require(turns.first)
        #expect(turn.from == turn.to + 8 && turn.last > turn.to && turn.last < 4000)
        #expect(trainer.state.steps == turn.last && trainer.state.comesDown)
        #expect(best <= bestBefore)
        let objective = LanguageModelObjective(
            model, context: 16, batches: { _ in [] }, heldOut: { [SmallRun.batch(1000)] })
        #expect(try objective.heldOutLoss() == trainer.state.bestHeldOut)

        // Killed on the way down, the run goes on from there.
        struct Killed: Error {}
        let other = try run()
        let (first, _) = try other.trainer()
        var hasTurned = false
        #expect(throws: Killed.self) {
            try first.run { event in
                if case .cameDown = event { hasTurned = true }
                if case .step(let step, _, _, _) = event, hasTurned, step == turn.to + 2 { throw Killed() }
            }
        }
        let (second, resumed) = try other.trainer()
        try second.resume()
        #expect(second.state.comesDown)
        try second.run { _ in }
        for (a, b) in zip(model.parameters.parameters, resumed.parameters.parameters) {
            #expect(a.tensor.toArray() == b.tensor.toArray(), "\(a.name)")
        }
    }
}
