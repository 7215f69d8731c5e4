import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Buffers between operations: a step takes back what the step before gave, so that a running model allocates nothing.
public final class BufferPool: Sendable {
    static let shared = BufferPool()

    init() {}

    /// A place for storage of no bytes.
    nonisolated(unsafe) static let empty = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)

    /// Bytes kept for reuse at most, unless ``keep(_:)`` says otherwise; beyond that buffers go back to the system.
    public static let usualLimit = 1 << 30

    fileprivate struct State {
        /// Free buffers by bucket, with the time of the bucket's last use.
        var free = [(buffers: [UInt], used: UInt64)](repeating: ([], 0), count: bucketCount)
        var retained = 0
        var limit = usualLimit
        var time: UInt64 = 0
        /// Buffers that were taken from the system, by bucket.
        var allocations = [Int](repeating: 0, count: bucketCount)
    }

    private let state = Mutex(State())

    /// Sets how many bytes are kept for reuse at most: what a run gives back at the end of a step and takes again in the
    /// next one.
    public static func keep(_ byteCount: Int) { shared.keep(byteCount) }

    /// Gives all buffers that nobody uses back to the system.
    public static func clear() { shared.clear() }

    func keep(_ byteCount: Int) { release(state.withLock { $0.shrink(to: max(0, byteCount)) }) }

    func clear() {
        let limit = state.withLock(\.limit)
        keep(0)
        keep(limit)
    }

    /// How many buffers of at least so many bytes were taken from the system so far.
    func allocations(ofAtLeast byteCount: Int = 0) -> Int {
        state.withLock { $0.allocations[Self.bucket(byteCount)...].reduce(0, +) }
    }

    // Sizes are rounded up to an eighth of their power of two, so that little is wasted and sizes meet again.

    static let bucketCount = 8 * Int.bitWidth

    /// The first bucket whose buffers hold so many bytes.
    static func bucket(_ byteCount: Int) -> Int {
        let small = max(byteCount, 256)
        let power = Int.bitWidth - 1 - small.leadingZeroBitCount
        let step = 1 << (power - 3)
        return 8 * power + (small + step - 1) / step - 8
    }

    /// The bytes of a bucket's buffers.
    static func size(_ bucket: Int) -> Int { (8 + bucket % 8) << (bucket / 8 - 3) }

    /// A buffer that is up to half as large again does as well: steps over rows of many lengths would else find nothing.
    private static let widerBuckets = 4

    func take(_ byteCount: Int) -> (UnsafeMutableRawPointer, bucket: Int) {
        let wanted = Self.bucket(byteCount)
        let reused = state.withLock { state -> (UInt, Int)? in
            for bucket in wanted...min(wanted + Self.widerBuckets, Self.bucketCount - 1) {
                guard let address = state.free[bucket].buffers.popLast() else { continue }
                state.time += 1
                state.free[bucket].used = state.time
                state.retained -= Self.size(bucket)
                return (address, bucket)
            }
            state.allocations[wanted] += 1
            return nil
        }
        if let (address, bucket) = reused, let pointer = UnsafeMutableRawPointer(bitPattern: address) {
            return (pointer, bucket)
        }
        return (Self.allocate(Self.size(wanted)), wanted)
    }

    /// Big buffers lie in huge pages where the system has them to give: products walk over rows that are kilobytes apart,
    /// each on a page of its own. What is left over beyond whole huge pages stays in small ones, so that no more memory
    /// is taken.
    private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        let hugePage = 2 << 20
        guard size >= hugePage else { return .allocate(byteCount: size + 64, alignment: 64) }
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size + 64, alignment: hugePage)
        #if os(Linux)
            madvise(buffer, size / hugePage * hugePage, MADV_HUGEPAGE)
        #endif
        return buffer
    }

    /// Keeps the buffer, and lets go of those of the sizes that were of no use for longest where it is too much.
    func give(_ pointer: UnsafeMutableRawPointer, _ bucket: Int) {
        release(
            state.withLock { state in
                state.time += 1
                state.free[bucket].used = state.time
                state.free[bucket].buffers.append(UInt(bitPattern: pointer))
                state.retained += Self.size(bucket)
                return state.retained > state.limit ? state.shrink(to: state.limit) : []
            })
    }

    private func release(_ addresses: [UInt]) {
        for address in addresses { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    }
}

extension BufferPool.State {
    /// Sets the limit; the result is what is beyond it.
    mutating func shrink(to limit: Int) -> [UInt] {
        self.limit = limit
        var rest: [UInt] = []
        while retained > limit {
            var oldest: Int?
            for bucket in free.indices where !free[bucket].buffers.isEmpty {
                if oldest.map({ free[bucket].used < free[$0].used }) ?? true { oldest = bucket }
            }
            guard let oldest, let address = free[oldest].buffers.popLast() else { break }
            retained -= BufferPool.size(oldest)
            rest.append(address)
        }
        return rest
    }
}
