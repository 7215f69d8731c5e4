import ApusModelFiles
import ApusTensors
import Testing

@testable import ApusTraining

@Suite("Muon")
struct MuonTests {
    private struct Case {
        let shape: [Int]
        let json: JSON

        func floats(_ json: JSON?) -> [Float] { (json?.arrayValue ?? []).map { Float($0.doubleValue ?? .nan) } }
        func tensor(_ json: JSON?) throws -> Tensor { try Tensor(floats(json), shape: shape) }
    }

    @Test("Matrices go step by step as with torch.optim.Muon")
    func steps() throws {
        let file = try Fixture.json(Fixture.folder("Tests/TrainingTests/Fixtures/muon.json"))
        let rate = try #require(file["rate"]?.doubleValue)
        let cases = try #require(file["cases"]?.arrayValue)
        #expect(cases.count == 4)
        for json in cases {
            let one = Case(shape: (json["shape"]?.arrayValue ?? []).compactMap(\.intValue), json: json)
            let parameter = try one.tensor(json["start"])
            let mean = Tensor(zeros: one.shape)
            // What a step moves an element by, about.
            let size = Float(rate * 0.2 * Double(one.shape.max() ?? 1).squareRoot())
            for (index, gradient) in (json["gradients"]?.arrayValue ?? []).enumerated() {
                // Clipping comes first.
                MuonStep(
                    rate: rate, momentum: file["momentum"]?.doubleValue ?? 0, decay: file["decay"]?.doubleValue ?? 0,
                    gradientFactor: 2
                ).apply(to: parameter, gradient: try one.tensor(gradient).scaled(by: 0.5), mean: mean)
                let now = parameter.toArray()
                let exact = one.floats(json["float32"]?[index])
                let rounded = one.floats(json["bfloat16"]?[index])
                #expect(now.count == exact.count && now.count == rounded.count)
                #expect(zip(now, exact).allSatisfy { ($0 - $1).magnitude < 1e-5 }, "\(one.shape), step \(index + 1)")
                #expect(zip(now, rounded).allSatisfy { ($0 - $1).magnitude < 0.1 * size }, "\(one.shape)")
            }
        }
    }

    @Test("A run with Muon learns, and goes on from a checkpoint to the last bit")
    func run() throws {
        var run = try SmallRun(steps: 40)
        run.settings.optimizer.muonMomentum = 0.95
        let (whole, model) = try run.trainer()
        var losses: [Double] = []
        try whole.run { if case .step(_, let loss, _, _) = $0 { losses.append(loss.loss) } }
        #expect(try #require(losses.last) < 0.5 * (try #require(losses.first)))

        struct Killed: Error {}
        var other = try SmallRun(steps: 40)
        other.settings.optimizer.muonMomentum = 0.95
        let (first, _) = try other.trainer()
        #expect(throws: Killed.self) {
            try first.run { if case .step(20, _, _, _) = $0 { throw Killed() } }
        }
        let (second, resumed) = try other.trainer()
        try second.resume()
        try second.run { _ in }
        for (a, b) in zip(model.parameters.parameters, resumed.parameters.parameters) {
            #expect(a.tensor.toArray() == b.tensor.toArray(), "\(a.name)")
        }
        // AdamW does not go on from it.
        other.settings.optimizer.muonMomentum = nil
        let (adam, _) = try other.trainer()
        #expect(throws: TrainingError.self) { try adam.resume() }
    }
}
