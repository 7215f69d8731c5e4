import ApusModelFiles

extension RunSummary {
    /// Why a text is no summary.
    public struct Malformed: Error, Equatable, CustomStringConvertible {
        /// The member, such as "model.layers".
        public var key: String

        public var description: String {
            "the summary of a run has no usable '\(key)'; it was written by another version"
        }
    }

    /// The summary as JSON; ``init(_:)`` reads it back.
    public var json: JSON {
        var object: JSON.Object = [
            "name": .string(name), "method": .string(method.rawValue), "ending": .string(ending.rawValue),
            "date": .string(date), "version": .string(version), "model": model.json, "steps": .integer(steps),
            "settings": .array(settings.map(\.json)),
            "data": .array(data.map { ["use": .string($0.use.rawValue), "report": $0.report.json] }),
            "history": history.json, "comparisons": .array(comparisons.map(\.json)),
            "sources": .array(sources.map(\.json)),
            "results": .array(results.map { ["name": .string($0.name), "bytes": .integer($0.bytes)] }),
            "machine": machine.json,
        ]
        object["base_held_out_loss"] = baseHeldOutLoss.map(JSON.number)
        object["forecast"] = forecast.map { ["seconds": .number($0.seconds), "memory": .integer($0.memory)] }
        object["peak_memory"] = peakMemory.map(JSON.integer)
        return .object(object)
    }

    public init(_ json: JSON) throws(Malformed) {
        let object = Members(json, "")
        self.init(
            name: try object.text("name"), method: try object.choice("method"), date: try object.text("date"),
            version: try object.text("version"), model: try Model(object.member("model")),
            steps: try object.integer("steps"), history: try RunHistory(object.member("history")),
            machine: try Machine(object.member("machine")))
        ending = try object.choice("ending")
        settings = try object.list("settings") { (row) throws(Malformed) in
            Setting(try row.text("name"), try row.text("value"), reason: row.optionalText("reason"))
        }
        data = try object.list("data") { (row) throws(Malformed) in
            guard let report = DataReport(try row.member("report").json) else { throw row.fault("report") }
            return DataPart(try row.choice("use"), report)
        }
        comparisons = try object.list("comparisons") { (row) throws(Malformed) in
            Comparison(
                prompt: try row.text("prompt"), expected: row.optionalText("expected"), base: row.optionalText("base"),
                tuned: try row.text("tuned"))
        }
        sources = try object.list("sources") { (row) throws(Malformed) in
            Source(
                try row.choice("role"), name: try row.text("name"), hash: row.optionalText("hash"),
                bytes: row.json["bytes"]?.intValue)
        }
        results = try object.list("results") { (row) throws(Malformed) in
            Result(name: try row.text("name"), bytes: try row.integer("bytes"))
        }
        baseHeldOutLoss = json["base_held_out_loss"]?.doubleValue
        if json.present("forecast") != nil {
            let row = try object.member("forecast")
            forecast = Forecast(seconds: try row.number("seconds"), memory: try row.integer("memory"))
        }
        peakMemory = json["peak_memory"]?.intValue
    }
}

/// The members of an object, and where it stands.
struct Members {
    let json: JSON
    private let path: String

    init(_ json: JSON, _ path: String) {
        self.json = json
        self.path = path
    }

    func fault(_ key: String) -> RunSummary.Malformed { .init(key: path.isEmpty ? key : "\(path).\(key)") }

    private func needed<Value>(_ key: String, _ value: Value?) throws(RunSummary.Malformed) -> Value {
        guard let value else { throw fault(key) }
        return value
    }

    func text(_ key: String) throws(RunSummary.Malformed) -> String { try needed(key, json[key]?.stringValue) }
    func number(_ key: String) throws(RunSummary.Malformed) -> Double { try needed(key, json[key]?.doubleValue) }
    /// A count: not negative.
    func integer(_ key: String) throws(RunSummary.Malformed) -> Int {
        try needed(key, json[key]?.intValue.flatMap { $0 >= 0 ? $0 : nil })
    }
    func optionalText(_ key: String) -> String? { json[key]?.stringValue }
    func optionalInteger(_ key: String) -> Int? { json[key]?.intValue.flatMap { $0 >= 0 ? $0 : nil } }
    func member(_ key: String) throws(RunSummary.Malformed) -> Members {
        Members(.object(try needed(key, json[key]?.objectValue)), path.isEmpty ? key : "\(path).\(key)")
    }
    func choice<Value: RawRepresentable<String>>(_ key: String) throws(RunSummary.Malformed) -> Value {
        try needed(key, json[key]?.stringValue.flatMap(Value.init(rawValue:)))
    }
    func list<Value>(
        _ key: String, _ read: (Members) throws(RunSummary.Malformed) -> Value
    ) throws(RunSummary.Malformed) -> [Value] {
        var values: [Value] = []
        for (index, row) in (json[key]?.arrayValue ?? []).enumerated() {
            values.append(try read(Members(row, path.isEmpty ? "\(key)[\(index)]" : "\(path).\(key)[\(index)]")))
        }
        return values
    }
}

extension RunSummary.Model {
    private static var sizes: [(key: String, path: WritableKeyPath<RunSummary.Model, Int?>)] {
        [
            ("layers", \.layers), ("width", \.width), ("heads", \.heads), ("key_value_heads", \.keyValueHeads),
            ("feed_forward", \.feedForward), ("vocabulary", \.vocabulary), ("context", \.context),
        ]
    }

    var json: JSON {
        var object: JSON.Object = [
            "family": .string(family), "parameters": .integer(parameters),
            "trained_parameters": .integer(trainedParameters),
        ]
        for (key, path) in Self.sizes { object[key] = self[keyPath: path].map(JSON.integer) }
        return .object(object)
    }

    init(_ members: Members) throws(RunSummary.Malformed) {
        self.init(
            family: try members.text("family"), parameters: try members.integer("parameters"),
            trainedParameters: try members.integer("trained_parameters"))
        for (key, path) in Self.sizes { self[keyPath: path] = members.optionalInteger(key) }
    }
}

extension RunSummary.Setting {
    var json: JSON {
        var object: JSON.Object = ["name": .string(name), "value": .string(value)]
        object["reason"] = reason.map(JSON.string)
        return .object(object)
    }
}

extension RunSummary.Comparison {
    var json: JSON {
        var object: JSON.Object = ["prompt": .string(prompt)]
        object["expected"] = expected.map(JSON.string)
        object["base"] = base.map(JSON.string)
        object["tuned"] = .string(tuned)
        return .object(object)
    }
}

extension RunSummary.Source {
    var json: JSON {
        var object: JSON.Object = ["role": .string(role.rawValue), "name": .string(name)]
        object["hash"] = hash.map(JSON.string)
        object["bytes"] = bytes.map(JSON.integer)
        return .object(object)
    }
}

extension RunSummary.Machine {
    var json: JSON {
        var object: JSON.Object = [
            "processor": .string(processor), "threads": .integer(threads), "code_path": .string(codePath),
            "precision": .string(precision),
        ]
        object["memory"] = memory.map(JSON.integer)
        return .object(object)
    }

    init(_ members: Members) throws(RunSummary.Malformed) {
        self.init(
            processor: try members.text("processor"), threads: try members.integer("threads"),
            codePath: try members.text("code_path"), precision: try members.text("precision"),
            memory: members.optionalInteger("memory"))
    }
}
