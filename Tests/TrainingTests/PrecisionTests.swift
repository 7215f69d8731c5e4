import Testing

@testable import ApusTensors
@testable import ApusTraining

@Suite("The precision of a run")
struct PrecisionTests {
    private func lastLoss(_ precision: Precision, stopAfter: Int = .max) throws -> [Double] {
        var run = try SmallRun(steps: 40)
        run.settings.precision = precision
        let (trainer, _) = try run.trainer()
        var losses: [Double] = []
        try trainer.run { event in
            switch event {
            case .step(_, let loss, _, _): losses.append(loss.loss)
            case .heldOut(_, let loss, _): losses.append(loss)
            default: break
            }
        }
        return losses
    }

    @Test("BF16 rounds what is multiplied, and learns as float32 does") func learns() throws {
        let (wide, narrow) = (try lastLoss(.float32), try lastLoss(.bfloat16))
        #expect(wide != narrow)
        #expect(abs(try #require(narrow.last) - (try #require(wide.last))) < 0.05)
        #expect(try lastLoss(.bfloat16) == narrow)
    }

    @Test("A run in BF16 goes on to the last bit") func resumes() throws {
        var run = try SmallRun()
        run.settings.precision = .bfloat16
        let (whole, model) = try run.trainer()
        try whole.run { _ in }
        struct Stop: Error {}
        var cut = try SmallRun()
        cut.settings.precision = .bfloat16
        #expect(throws: Stop.self) {
            try cut.trainer().0.run { if case .step(5, _, _, _) = $0 { throw Stop() } }
        }
        let (rest, other) = try cut.trainer()
        try rest.resume()
        try rest.run { _ in }
        for (a, b) in zip(model.parameters.parameters, other.parameters.parameters) {
            #expect(a.tensor.toArray() == b.tensor.toArray(), "\(a.name)")
        }
    }

    @Test("A run that goes on keeps the precision that its checkpoint names", arguments: Precision.allCases)
    func recorded(precision: Precision) throws {
        var run = try SmallRun()
        run.settings.precision = precision
        let (trainer, model) = try run.trainer(identity: run.settings.identity)
        #expect(CheckpointFolder.recorded("precision", in: run.folder.path + "/checkpoints") == nil)
        try trainer.saveNow()
        #expect(CheckpointFolder.recorded("precision", in: run.folder.path + "/checkpoints") == precision.rawValue)
        let found = Precision.forRun(in: run.folder.path, resumes: true, model.configuration, tokens: 64)
        #expect(found == precision)
        run.settings.precision = precision == .float32 ? .bfloat16 : .float32
        let (other, _) = try run.trainer(identity: run.settings.identity)
        #expect(throws: TrainingError.self) { try other.resume() }
    }

    @Test("Products are measured only where BF16 ones may be faster", arguments: [(0, 0, 0), (64, 32, 48), (-5, 1, 1)])
    func fastest(rows: Int, inputs: Int, outputs: Int) {
        let precision = Precision.fastest(rows: rows, inputs: inputs, outputs: outputs)
        if BFloat16Products.preferred == .rounded { #expect(precision == .float32) }
    }
}
