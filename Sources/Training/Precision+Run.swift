import ApusModels
import ApusTensors

extension Precision {
    /// The faster one for products as a step of this model has them.
    ///
    /// - Parameter tokens: that go through the model together.
    static func forRun(_ model: DecoderConfiguration, tokens: Int) -> Precision {
        fastest(rows: tokens, inputs: model.width, outputs: model.feedForward)
    }

    /// That one, or what the run that goes on has had so far: a measurement may turn out differently another time.
    static func forRun(in folder: String, resumes: Bool, _ model: DecoderConfiguration, tokens: Int) -> Precision {
        let recorded = resumes ? CheckpointFolder.recorded("precision", in: TrainingJob.checkpoints(in: folder)) : nil
        return recorded.flatMap(Precision.init) ?? forRun(model, tokens: tokens)
    }
}
