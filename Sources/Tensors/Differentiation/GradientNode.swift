import CKernels
import Synchronization

/// Where the gradient of a tensor gathers, and how it flows on to what the tensor was made from.
///
/// A tensor that takes part in a recorded computation holds a node; operations link the nodes of their results to those
/// of their inputs. ``walkBack()`` goes from the newest node to the oldest, so that each has all that flows into it
/// before it passes anything on, and lets go of what a step needed as soon as the step is done.
final class GradientNode: @unchecked Sendable {
    // Sendable: a computation is recorded and walked back by one thread at a time, the one that runs the model.

    let shape: [Int]
    private var inputs: [GradientNode]
    /// Takes the gradient of this node's tensor and adds to its inputs' nodes; nil for a leaf, and once it has run.
    private var pullback: ((Tensor) -> Void)?
    /// Nodes that were made later have larger numbers.
    private let order: Int
    /// A leaf keeps its buffer from step to step.
    private let isLeaf: Bool
    private var sum: Storage?
    private var isFilled = false

    private static let made = Atomic<Int>(0)

    /// The node of a result.
    init(shape: [Int], inputs: [GradientNode], pullback: @escaping (Tensor) -> Void) {
        self.shape = shape
        self.inputs = inputs
        self.pullback = pullback
        isLeaf = false
        order = Self.made.add(1, ordering: .relaxed).newValue
    }

    /// The node of a tensor that nothing computes: a parameter, or an input whose gradient is asked for.
    init(leaf shape: [Int]) {
        self.shape = shape
        inputs = []
        isLeaf = true
        order = Self.made.add(1, ordering: .relaxed).newValue
    }

    /// Elements of the tensor.
    var count: Int { shape.reduce(1, *) }

    /// What has gathered so far; nil for nothing.
    var gradient: Tensor? {
        guard isFilled, let sum else { return nil }
        return Tensor(shape: shape, storage: sum)
    }

    /// Adds a gradient, as a whole tensor. The first one is taken over without a copy.
    func add(_ gradient: Tensor) {
        if !isFilled, !isLeaf, gradient.offset == 0 {
            sum = gradient.storage
            isFilled = true
        } else {
            let target = place()
            let x = gradient.floats
            let kernel = apus_kernels().pointee.add
            parallelElements(count, cost: 1) { first, count in
                let y = target.floats + first
                if target.adding {
                    kernel(y, x + first, Int64(count), y)
                } else {
                    y.update(from: x + first, count: count)
                }
            }
            withExtendedLifetime(gradient) {}
        }
    }

    /// Room for a gradient that the caller computes in place at once, overwriting what is there or adding to it.
    func place() -> GradientTarget {
        if isFilled, !isLeaf, let shared = sum, !isOwned {
            let own = Storage(byteCount: count * MemoryLayout<Float>.size)
            own.floats.update(from: shared.floats, count: count)
            sum = own
        }
        let storage = sum ?? Storage(byteCount: count * MemoryLayout<Float>.size)
        sum = storage
        defer { isFilled = true }
        return GradientTarget(storage.floats, adding: isFilled)
    }

    /// Whether nobody else holds the buffer.
    private var isOwned: Bool { isKnownUniquelyReferenced(&sum) }

    /// Forgets what has gathered; a leaf's buffer stays for the next step.
    func clear() {
        isFilled = false
        if !isLeaf { sum = nil }
    }

    /// Passes what has gathered here back to the leaves.
    func walkBack() {
        for node in reachable() { node.passOn() }
    }

    private func passOn() {
        guard let pullback else { return }
        let gradient = gradient
        self.pullback = nil
        sum = nil
        isFilled = false
        if let gradient { pullback(gradient) }
        inputs = []
    }

    /// This node and all that it was made from, newest first.
    private func reachable() -> [GradientNode] {
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
        var found = [self]
        var next = 0
        while next < found.count {
            for input in found[next].inputs where seen.insert(ObjectIdentifier(input)).inserted { found.append(input) }
            next += 1
        }
        return found.sorted { $0.order > $1.order }
    }
}

extension Storage {
    fileprivate var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
}
