/// A figure of each step, such as its loss, kept as at most a few thousand means over equally many steps.
public struct LossSeries: Sendable, Equatable {
    public struct Point: Sendable, Equatable {
        /// The last step of those that it is the mean of.
        public var step: Int
        public var value: Double

        public init(step: Int, value: Double) {
            self.step = step
            self.value = value
        }
    }

    /// A series has at most this many points.
    public static let limit = 2048

    private var full: [Point] = []
    /// Steps that a point is the mean of.
    public private(set) var stride = 1
    private var sum = 0.0
    private var count = 0
    private var last = 0

    public init() {}

    /// A series that was kept elsewhere.
    public init(_ points: [Point], stride: Int) {
        full = Array(points.prefix(Self.limit))
        self.stride = max(1, stride)
        last = full.last?.step ?? 0
    }

    /// The means in the order of steps; the last one may be of fewer steps.
    public var points: [Point] {
        count == 0 ? full : full + [Point(step: last, value: sum / Double(count))]
    }

    /// Adds the figure of a step. What is not finite is left out.
    public mutating func add(step: Int, value: Double) {
        guard value.isFinite else { return }
        (sum, count, last) = (sum + value, count + 1, step)
        guard count >= stride else { return }
        full.append(Point(step: step, value: sum / Double(count)))
        (sum, count) = (0, 0)
        if full.count >= Self.limit { halve() }
    }

    /// Forgets the steps after `step`, which a run went back to. A mean that reaches beyond it goes as a whole.
    public mutating func drop(after step: Int) {
        while let point = full.last, point.step > step { full.removeLast() }
        if last > step { (sum, count) = (0, 0) }
        last = min(last, step)
    }

    private mutating func halve() {
        full = Swift.stride(from: 0, to: full.count - 1, by: 2).map { index in
            Point(step: full[index + 1].step, value: (full[index].value + full[index + 1].value) / 2)
        }
        stride = stride > Int.max / 2 ? stride : stride * 2
    }
}
