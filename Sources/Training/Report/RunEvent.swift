import ApusModelFiles

/// Something that happened in a training run: a row of its log.
///
/// A row is a JSON object with `event`, `step` and `seconds`, and what the event has to say:
/// `{"event":"step","step":7,"loss":3.1,"rate":0.001,"gradient_norm":0.9,"tokens":5376,"seconds":1.6}`.
public struct RunEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// A step was done: its loss in nats a token, the rate and the norm of the gradients before clipping, and the
        /// tokens that the run has read by now.
        case step(loss: Double, rate: Double, gradientNorm: Double, tokens: Int)
        /// The loss on held-out data, in nats a token.
        case heldOut(loss: Double, isBest: Bool)
        case checkpoint
        /// The loss was not a number: back to the state after step `to`.
        case rolledBack(to: Int)
        /// The held-out loss got no better while the rate was high: back to the state after step `to`, from where the
        /// rate comes down until `lastStep`.
        case cameDown(to: Int, lastStep: Int)
        /// What the model writes by now.
        case sample(prompt: String, text: String)
        /// The held-out loss did not get better any more; the state after step `best` was taken.
        case stoppedEarly(best: Int)
    }

    /// Steps that were done when it happened.
    public var step: Int
    /// Seconds of training since step 0, those of earlier sittings of the run included.
    public var seconds: Double
    public var kind: Kind

    public init(_ kind: Kind, step: Int, seconds: Double) {
        self.kind = kind
        self.step = step
        self.seconds = seconds
    }

    /// The step whose state the run has afterwards; a roll-back goes back to an earlier one.
    var stepAfterwards: Int {
        switch kind {
        case .rolledBack(let to), .cameDown(let to, _): to
        default: step
        }
    }

    /// The event as an object of one line.
    public var json: JSON {
        var row: JSON.Object = ["event": .string(name), "step": .integer(step)]
        switch kind {
        case .step(let loss, let rate, let norm, let tokens):
            row["loss"] = .number(loss)
            row["rate"] = .number(rate)
            row["gradient_norm"] = .number(norm)
            row["tokens"] = .integer(tokens)
        case .heldOut(let loss, let isBest):
            row["held_out"] = .number(loss)
            row["best"] = .bool(isBest)
        case .checkpoint: break
        case .rolledBack(let to): row["to"] = .integer(to)
        case .cameDown(let to, let last):
            row["to"] = .integer(to)
            row["last_step"] = .integer(last)
        case .sample(let prompt, let text):
            row["prompt"] = .string(prompt)
            row["text"] = .string(text)
        case .stoppedEarly(let best): row["best_step"] = .integer(best)
        }
        // To the millisecond, so that rows stay short.
        row["seconds"] = .number((seconds * 1000).rounded() / 1000)
        return .object(row)
    }

    /// - Returns: nil where the row is none that this type writes.
    public init?(_ row: JSON) {
        guard let step = row["step"]?.intValue, step >= 0, let name = row["event"]?.stringValue,
            let seconds = row["seconds"]?.doubleValue, seconds.isFinite, seconds >= 0
        else { return nil }
        func number(_ key: String) -> Double? { row[key]?.doubleValue }
        let kind: Kind? =
            switch name {
            case "step":
                if let loss = number("loss"), let rate = number("rate"), let norm = number("gradient_norm"),
                    let tokens = row["tokens"]?.intValue, tokens >= 0
                {
                    .step(loss: loss, rate: rate, gradientNorm: norm, tokens: tokens)
                } else {
                    nil
                }
            case "held_out":
                number("held_out").map { .heldOut(loss: $0, isBest: row["best"]?.boolValue ?? false) }
            case "checkpoint": .checkpoint
            case "rolled_back":
                row["to"]?.intValue.flatMap { (0...step).contains($0) ? .rolledBack(to: $0) : nil }
            case "came_down":
                if let to = row["to"]?.intValue, let last = row["last_step"]?.intValue, (0...step).contains(to),
                    last > to
                {
                    .cameDown(to: to, lastStep: last)
                } else {
                    nil
                }
            case "sample":
                row["text"]?.stringValue.map { .sample(prompt: row["prompt"]?.stringValue ?? "", text: $0) }
            case "stopped_early": row["best_step"]?.intValue.map { .stoppedEarly(best: $0) }
            default: nil
            }
        guard let kind else { return nil }
        self.init(kind, step: step, seconds: seconds)
    }

    private var name: String {
        switch kind {
        case .step: "step"
        case .heldOut: "held_out"
        case .checkpoint: "checkpoint"
        case .rolledBack: "rolled_back"
        case .cameDown: "came_down"
        case .sample: "sample"
        case .stoppedEarly: "stopped_early"
        }
    }
}
