import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Tensor {
    /// For each row of logits `[rows, vocabulary]`, the negative logarithm of its target's probability, in nats.
    ///
    /// - Throws: ``TensorError/rowsOutOfRange(_:of:)`` for a target outside the vocabulary.
    public func negativeLogLikelihoods(of targets: [Int32]) throws(TensorError) -> [Double] {
        assert(targets.count == rows)
        let columns = columns
        let x = floats
        for target in targets where target < 0 || Int(target) >= columns {
            throw .rowsOutOfRange(Int(target)..<Int(target) + 1, of: shape)
        }
        let result = [Double](unsafeUninitializedCapacity: targets.count) { buffer, count in
            targets.withUnsafeBufferPointer { targets in
                parallelRows(targets.count, cost: columns * 16) { range in
                    for row in range {
                        let logits = x + row * columns
                        var largest = -Float.infinity
                        for index in 0..<columns { largest = max(largest, logits[index]) }
                        var sum = 0.0
                        for index in 0..<columns { sum += Double(expf(logits[index] - largest)) }
                        buffer[row] = log(sum) + Double(largest) - Double(logits[Int(targets[row])])
                    }
                }
            }
            count = targets.count
        }
        withExtendedLifetime(self) {}
        return result
    }
}
