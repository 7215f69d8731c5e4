import Glibc
import Synchronization

/// Calls something at intervals from a thread of its own, also while all other threads compute.
final class Ticker: Sendable {
    private let interval: Double
    private let isStopped = Atomic(false)

    init(every interval: Double) { self.interval = interval }

    /// Begins; `tick` is called until `stop`, or until the ticker is gone.
    func start(_ tick: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(
            Work(interval: interval, tick: tick) { [weak self] in
                self?.isStopped.load(ordering: .relaxed) ?? true
            })
        var thread = pthread_t()
        guard pthread_create(&thread, nil, tickerThread, work.toOpaque()) == 0 else { return work.release() }
        pthread_detach(thread)
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    deinit { stop() }

    fileprivate final class Work: Sendable {
        let interval: Double
        let tick: @Sendable () -> Void
        let isOver: @Sendable () -> Bool

        init(interval: Double, tick: @escaping @Sendable () -> Void, isOver: @escaping @Sendable () -> Bool) {
            self.interval = interval
            self.tick = tick
            self.isOver = isOver
        }
    }
}

private func tickerThread(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let pointer else { return nil }
    let work = Unmanaged<Ticker.Work>.fromOpaque(pointer).takeRetainedValue()
    while true {
        usleep(UInt32(work.interval * 1e6))
        if work.isOver() { return nil }
        work.tick()
    }
}
