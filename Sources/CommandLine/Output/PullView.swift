import ApusModelStore
import Synchronization

/// Shows the progress of a pull.
final class PullView: Sendable {
    private let console: Console
    private let bar = Mutex<ProgressBar?>(nil)
    private let lastRetry = Mutex("")

    init(console: Console) { self.console = console }

    func show(_ progress: PullProgress) {
        if case .retrying(let reason) = progress.phase {
            let isNew = lastRetry.withLock { last in
                defer { last = reason }
                return last != reason
            }
            if isNew { console.note(console.words.retrying(reason)) }
            return
        }
        guard progress.bytesTotal > 0 else { return }
        let bar = bar.withLock { bar in
            let current =
                bar
                ?? ProgressBar(
                    "", total: progress.bytesTotal, completed: progress.bytesDone, unit: .bytes, console: console)
            bar = current
            return current
        }
        var label = progress.file ?? ""
        if progress.fileCount > 1 { label = "\(progress.fileNumber)/\(progress.fileCount) " + label }
        if !label.isEmpty { bar.rename(label) }
        bar.update(progress.bytesDone)
    }

    func finish() { bar.withLock { $0 }?.finish() }
}
