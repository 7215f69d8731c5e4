import ApusModelFiles
import ApusTensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a run keeps its state: parameters, both moments of the optimiser and where it is, one safetensors file a
/// checkpoint. A file appears under its name only when it is whole and on the disk, so a run that is killed goes on from
/// its last one.
public struct CheckpointFolder: Sendable {
    public let path: String
    /// What a run must share with a checkpoint that it goes on from, as text by name.
    public let identity: [String: String]
    /// Checkpoints that stay; older ones go once a new one is there.
    public let kept: Int

    /// - Parameter path: made where it does not exist.
    public init(path: String, identity: [String: String], kept: Int = 2) throws {
        self.path = path
        self.identity = identity
        self.kept = max(1, kept)
        try Folder.make(path)
    }

    /// The checkpoints that are there, oldest first.
    public var names: [String] {
        ((try? Folder.names(path)) ?? []).filter {
            $0.hasPrefix(Self.prefix) && $0.hasSuffix(Self.suffix)
        }.sorted()
    }

    /// What the newest checkpoint says of a setting; nil where there is none that says it.
    static func recorded(_ setting: String, in folder: String) -> String? {
        guard let here = try? CheckpointFolder(existing: folder), let name = here.names.last,
            let stored = try? SafetensorsFile(path: "\(folder)/\(name)"),
            let run = stored.metadata.last(where: { $0.key == "run" })?.value
        else { return nil }
        return (try? JSON(parsing: run))?.objectValue?[setting]?.stringValue
    }

    private init(existing path: String) throws {
        _ = try Folder.names(path)
        (self.path, identity, kept) = (path, [:], 1)
    }

    func save(_ optimizer: AdamW, _ state: TrainingState) throws {
        try write(optimizer, state, to: "\(path)/\(Self.name(state.step))")
        for old in names.dropLast(kept) { unlink("\(path)/\(old)") }
    }

    func saveBest(_ optimizer: AdamW, _ state: TrainingState) throws {
        try write(optimizer, state, to: "\(path)/\(Self.best)")
    }

    func restoreNewest(into optimizer: AdamW) throws -> TrainingState {
        guard let name = names.last else { throw TrainingError.noCheckpoint(folder: path) }
        return try read("\(path)/\(name)", into: optimizer)
    }

    func restoreBest(into optimizer: AdamW) throws -> TrainingState {
        try read("\(path)/\(Self.best)", into: optimizer)
    }

    /// Forgets what lies behind a step that the run goes back to.
    func drop(after step: Int) {
        let last = Self.name(step)
        for name in names where name > last { unlink("\(path)/\(name)") }
    }

    private static func name(_ step: Int) -> String {
        let digits = String(step)
        return prefix + String(repeating: "0", count: max(0, 9 - digits.count)) + digits + suffix
    }

    private static let prefix = "checkpoint-"
    private static let suffix = ".safetensors"
    private static let best = "best.safetensors"

    // Files -----------------------------------------------------------------------------------------------------------

    private func tensors(_ optimizer: AdamW) -> [(name: String, tensor: Tensor)] {
        zip(optimizer.parameters.parameters, optimizer.moments).flatMap { parameter, moments in
            [
                (parameter.name, parameter.tensor), ("first_moment.\(parameter.name)", moments.first),
                ("second_moment.\(parameter.name)", moments.second),
            ]
        }
    }

    private func write(_ optimizer: AdamW, _ state: TrainingState, to file: String) throws {
        let tensors = tensors(optimizer)
        let writer = try SafetensorsWriter(
            path: file, tensors: tensors.map { .init(name: $0.name, type: .f32, shape: $0.tensor.shape) },
            metadata: [
                ("state", JSON.object(state.json).serialized()), ("hash", Self.hash(tensors.map(\.tensor))),
                (
                    "run",
                    JSON.object(JSON.Object(identity.sorted { $0.key < $1.key }.map { ($0, .string($1)) })).serialized()
                ),
            ])
        for (_, tensor) in tensors { try tensor.withFloats { try writer.append(UnsafeRawBufferPointer($0)) } }
        try writer.finish()
    }

    private func read(_ file: String, into optimizer: AdamW) throws -> TrainingState {
        func damaged(_ reason: String) -> TrainingError { .damagedCheckpoint(file: file, reason: reason) }
        let stored: SafetensorsFile
        do { stored = try SafetensorsFile(path: file) } catch { throw damaged("\(error)") }
        let metadata = Dictionary(stored.metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        guard let text = metadata["state"], let json = try? JSON(parsing: text).objectValue,
            let state = TrainingState(json)
        else { throw damaged("it does not say where the run was") }
        let there = (metadata["run"].flatMap { try? JSON(parsing: $0) }?.objectValue) ?? JSON.Object()
        for (setting, here) in identity.sorted(by: { $0.key < $1.key }) where there[setting]?.stringValue != here {
            throw TrainingError.otherRun(
                file: file, setting: setting, here: here, there: there[setting]?.stringValue ?? "(not said)")
        }
        let tensors = tensors(optimizer)
        var read: [Tensor] = []
        for (name, tensor) in tensors {
            guard stored.has(name) else { throw damaged("there is no tensor '\(name)'") }
            let found = try stored.tensor(named: name)
            guard found.shape == tensor.shape, found.dtype == .f32 else {
                throw damaged("tensor '\(name)' has shape \(found.shape), not \(tensor.shape)")
            }
            read.append(try found.viewed(file: file))
        }
        guard metadata["hash"] == Self.hash(read) else { throw damaged("its numbers are not those that were written") }
        for ((_, tensor), values) in zip(tensors, read) { tensor.overwrite(with: values) }
        return state
    }

    /// A 64-bit hash over all numbers, to notice damage: FNV-1a over words, with the high half folded in.
    private static func hash(_ tensors: [Tensor]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for tensor in tensors {
            tensor.withFloats { values in
                for value in values {
                    hash = (hash ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01B3
                    hash ^= hash >> 32
                }
            }
        }
        return String(hash, radix: 16)
    }
}

extension TrainingState {
    var json: JSON.Object {
        var object: JSON.Object = [
            "step": .integer(step), "tokens": .integer(tokens), "rate_factor": .number(rateFactor),
            "best_step": .integer(bestStep), "stale_measurements": .integer(staleMeasurements),
            "steps": .integer(steps), "seconds": .number(seconds), "comes_down": .bool(comesDown),
        ]
        if let bestHeldOut { object["best_held_out_loss"] = .number(bestHeldOut) }
        return object
    }

    init?(_ json: JSON.Object) {
        guard let step = json["step"]?.intValue, let tokens = json["tokens"]?.intValue,
            let factor = json["rate_factor"]?.doubleValue, let bestStep = json["best_step"]?.intValue,
            let stale = json["stale_measurements"]?.intValue, let steps = json["steps"]?.intValue,
            let seconds = json["seconds"]?.doubleValue, step >= 0, tokens >= 0
        else { return nil }
        self.init()
        self.step = step
        self.tokens = tokens
        rateFactor = factor
        self.bestStep = bestStep
        staleMeasurements = stale
        self.steps = steps
        self.seconds = seconds
        comesDown = json["comes_down"]?.boolValue ?? false
        bestHeldOut = json["best_held_out_loss"]?.doubleValue
    }
}
