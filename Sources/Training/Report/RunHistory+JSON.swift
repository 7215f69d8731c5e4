import ApusModelFiles

extension RunHistory {
    private static var series: [(key: String, path: WritableKeyPath<RunHistory, LossSeries>)] {
        [("loss", \.loss), ("rate", \.rate), ("gradient_norm", \.gradientNorm)]
    }

    /// Curves as `[[step, value], …]`, each value the mean of `stride` steps.
    var json: JSON {
        var object: JSON.Object = [
            "step": .integer(step), "tokens": .integer(tokens), "seconds": .number(seconds),
            "step_seconds": .number(stepSeconds), "step_tokens": .integer(stepTokens),
            "held_out": .array(heldOut.map { [.integer($0.step), .number($0.loss)] }),
        ]
        for (key, path) in Self.series { object[key] = self[keyPath: path].json }
        object["samples"] = .array(
            samples.map { ["step": .integer($0.step), "prompt": .string($0.prompt), "text": .string($0.text)] })
        object["roll_backs"] = .array(rollBacks.map { [.integer($0.from), .integer($0.to)] })
        object["last_loss"] = lastLoss.map(JSON.number)
        object["stopped_early_for"] = stoppedEarlyFor.map(JSON.integer)
        if damagedRows > 0 { object["damaged_rows"] = .integer(damagedRows) }
        return .object(object)
    }

    init(_ members: Members) throws(RunSummary.Malformed) {
        self.init()
        step = try members.integer("step")
        tokens = try members.integer("tokens")
        seconds = try members.number("seconds")
        stepSeconds = try members.number("step_seconds")
        stepTokens = try members.integer("step_tokens")
        for (key, path) in Self.series { self[keyPath: path] = LossSeries(try members.member(key).json) }
        heldOut = LossSeries.points(members.json["held_out"]).map { HeldOut(step: $0.step, loss: $0.value) }
        samples = try members.list("samples") { (row) throws(RunSummary.Malformed) in
            Sample(step: try row.integer("step"), prompt: try row.text("prompt"), text: try row.text("text"))
        }
        rollBacks = (members.json["roll_backs"]?.arrayValue ?? []).compactMap { pair in
            guard let from = pair[0]?.intValue, let to = pair[1]?.intValue else { return nil }
            return RollBack(from: from, to: to)
        }
        lastLoss = members.json["last_loss"]?.doubleValue
        stoppedEarlyFor = members.optionalInteger("stopped_early_for")
        damagedRows = members.optionalInteger("damaged_rows") ?? 0
    }
}

extension LossSeries {
    var json: JSON {
        [
            "stride": .integer(stride),
            "points": .array(points.map { [.integer($0.step), .number($0.value)] }),
        ]
    }

    init(_ json: JSON) {
        self.init(Self.points(json["points"]), stride: json["stride"]?.intValue ?? 1)
    }

    /// Pairs of a step and a value, in the order of steps; others are left out.
    static func points(_ json: JSON?) -> [Point] {
        var points: [Point] = []
        for pair in json?.arrayValue ?? [] {
            guard let step = pair[0]?.intValue, let value = pair[1]?.doubleValue, step >= (points.last?.step ?? 0)
            else { continue }
            points.append(Point(step: step, value: value))
        }
        return points
    }
}
