import ApusModelFiles

/// What a run that was given a time has picked, kept in its folder: going on takes the same, without measuring again.
struct KeptPlan: Equatable {
    var hours: Double
    var model: ModelSettings
    /// Tokens of the tokenizer that is learned.
    var vocabulary: Int
    var batch: Int
    var steps: Int
    var seconds: Double
    /// Whether the run ends when the held-out loss gets no better.
    var readsOften: Bool

    private static func file(_ folder: String) -> String { "\(folder)/plan.json" }

    /// - Returns: nil where nothing was planned.
    /// - Throws: ``TrainingError/otherPlan(file:reason:)`` for a plan of another time, or one that cannot be read.
    static func kept(in folder: String, hours: Double) throws -> KeptPlan? {
        let file = file(folder)
        guard FileMapping.isFile(file) else { return nil }
        let bytes = try FileMapping(path: file).withBytes { Array($0) }
        guard let plan = (try? JSON(parsing: bytes, source: file)).flatMap(KeptPlan.init) else {
            throw TrainingError.otherPlan(file: file, reason: "the plan of the run cannot be read")
        }
        guard plan.hours == hours else {
            throw TrainingError.otherPlan(
                file: file, reason: "the run was planned for \(plan.hours) hours, not \(hours)")
        }
        return plan
    }

    func keep(in folder: String) throws {
        try Folder.make(folder)
        let output = try OutputFile(path: Self.file(folder))
        try output.write(Array((json.serialized(pretty: true) + "\n").utf8))
        try output.finish()
    }

    private var json: JSON {
        [
            "hours": .number(hours), "family": .string(model.family), "layers": .integer(model.layers),
            "width": .integer(model.width), "heads": .integer(model.heads), "context": .integer(model.context),
            "vocabulary": .integer(vocabulary), "batch": .integer(batch), "steps": .integer(steps),
            "seconds": .number(seconds), "reads_often": .bool(readsOften),
        ]
    }

    init(
        hours: Double, model: ModelSettings, vocabulary: Int, batch: Int, steps: Int, seconds: Double, readsOften: Bool
    ) {
        self.hours = hours
        self.model = model
        self.vocabulary = vocabulary
        self.batch = batch
        self.steps = steps
        self.seconds = seconds
        self.readsOften = readsOften
    }

    private init?(_ json: JSON) {
        func number(_ key: String) -> Int? { json[key]?.intValue }
        guard let hours = json["hours"]?.doubleValue, let family = json["family"]?.stringValue,
            let layers = number("layers"), let width = number("width"), let heads = number("heads"),
            let context = number("context"), let vocabulary = number("vocabulary"), let batch = number("batch"),
            let steps = number("steps"), let seconds = json["seconds"]?.doubleValue,
            let readsOften = json["reads_often"]?.boolValue
        else { return nil }
        self.init(
            hours: hours,
            model: ModelSettings(family: family, layers: layers, width: width, heads: heads, context: context),
            vocabulary: vocabulary, batch: batch, steps: steps, seconds: seconds, readsOften: readsOften)
    }
}
