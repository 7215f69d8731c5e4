/// How far a pull is.
public struct PullProgress: Sendable, Equatable {
    public enum Phase: Sendable, Equatable {
        /// Another pull of the same model is under way; this one waits for its end.
        case waiting
        /// The hub is asked for the commit and its files.
        case listing
        case downloading
        /// Bytes that were here already are checked.
        case verifying
        /// Something went wrong and is tried again: the sentence says what and when.
        case retrying(String)
        case done
    }

    public var phase: Phase
    /// The path in the repository of the file at hand.
    public var file: String?
    /// From 1.
    public var fileNumber: Int
    public var fileCount: Int
    /// Of the whole model, those that were here before included.
    public var bytesDone: Int
    public var bytesTotal: Int
    /// Over the last seconds; nil until it is known.
    public var bytesPerSecond: Double?
    public var secondsLeft: Double?
}

/// Counts bytes and tells about them, at most ten times a second.
struct ProgressMeter {
    private let report: @Sendable (PullProgress) -> Void
    private var progress = PullProgress(
        phase: .listing, file: nil, fileNumber: 0, fileCount: 0, bytesDone: 0, bytesTotal: 0)
    private var lastReport: ContinuousClock.Instant?
    /// The rate is measured in slices of half a second and smoothed over about three of them.
    private var sliceStart = ContinuousClock.now
    private var sliceBytes = 0
    private(set) var bytesReceived = 0

    init(_ report: @escaping @Sendable (PullProgress) -> Void) { self.report = report }

    mutating func begin(files: Int, bytes: Int) {
        progress.fileCount = files
        progress.bytesTotal = bytes
        sliceStart = .now
    }

    mutating func enter(_ phase: PullProgress.Phase) {
        progress.phase = phase
        tell()
    }

    mutating func beginFile(_ path: String, number: Int) {
        progress.file = path
        progress.fileNumber = number
    }

    /// Bytes of the model that are here, wherever they came from.
    mutating func set(bytesDone: Int) {
        progress.bytesDone = bytesDone
        if lastReport.map({ $0.duration(to: .now) >= .milliseconds(100) }) ?? true { tell() }
    }

    /// Bytes that just came from the network.
    mutating func received(_ count: Int, bytesDone: Int) {
        bytesReceived = bytesReceived.addingReportingOverflow(count).partialValue
        sliceBytes += count
        let elapsed = sliceStart.duration(to: .now).inSeconds
        if elapsed >= 0.5 {
            let rate = Double(sliceBytes) / elapsed
            progress.bytesPerSecond = progress.bytesPerSecond.map { $0 * 0.7 + rate * 0.3 } ?? rate
            sliceStart = .now
            sliceBytes = 0
        }
        if let rate = progress.bytesPerSecond, rate > 0 {
            progress.secondsLeft = Double(max(0, progress.bytesTotal - bytesDone)) / rate
        }
        set(bytesDone: bytesDone)
    }

    private mutating func tell() {
        lastReport = .now
        report(progress)
    }
}
