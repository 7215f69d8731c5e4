import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Cosines and sines by which a batch's rows are rotated: one row of `pairs` each per position.
public struct Rotation: Sendable {
    /// `[positions, pairs]`.
    let cosines: Tensor
    let sines: Tensor
    /// Whether a pair is two neighbours (the arrangement of GGUF's `llama` files) or half a head apart.
    let interleaved: Bool

    /// Angles are `position · frequency`, in float32 like the reference implementations; `amplitude` scales both.
    public init(positions: [Int], frequencies: [Float], amplitude: Float = 1, interleaved: Bool) {
        let pairs = frequencies.count
        let cosines = Tensor(uninitialized: [positions.count, pairs])
        let sines = Tensor(uninitialized: [positions.count, pairs])
        let c = cosines.floats
        let s = sines.floats
        positions.withUnsafeBufferPointer { positions in
            frequencies.withUnsafeBufferPointer { frequencies in
                parallelRows(positions.count, cost: pairs * 32) { rows in
                    for row in rows {
                        for pair in 0..<pairs {
                            let angle = Double(Float(positions[row]) * frequencies[pair])
                            c[row * pairs + pair] = Float(cos(angle)) * amplitude
                            s[row * pairs + pair] = Float(sin(angle)) * amplitude
                        }
                    }
                }
            }
        }
        self.cosines = cosines
        self.sines = sines
        self.interleaved = interleaved
    }
}

extension Tensor {
    /// Rotates each head of each row by its position (rotary embedding, Su et al. 2021). `self` is
    /// `[rows, heads · headDim]`; dimensions past twice the rotation's pairs stay as they are.
    public func rotated(_ rotation: Rotation, headDim: Int) -> Tensor {
        let result = Tensor(uninitialized: shape)
        let pairs = rotation.cosines.columns
        let columns = columns
        let x = floats
        let y = result.floats
        let c = rotation.cosines.floats
        let s = rotation.sines.floats
        let rotate = apus_kernels().pointee.rotate
        let interleaved = rotation.interleaved
        parallelRows(rows, cost: columns * 2) { range in
            for row in range {
                (y + row * columns).update(from: x + row * columns, count: columns)
                for head in stride(from: 0, to: columns, by: headDim) {
                    rotate(y + row * columns + head, c + row * pairs, s + row * pairs, Int64(pairs), interleaved)
                }
            }
        }
        withExtendedLifetime((self, rotation.cosines, rotation.sines)) {}
        guard Differentiation.records(node) else { return result }
        return result.recorded([node]) { [node] gradient in
            node?.add(gradient.rotated(rotation.inverse, headDim: headDim))
        }
    }
}
