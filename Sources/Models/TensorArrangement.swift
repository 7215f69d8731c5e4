import ApusModelFiles
import ApusTensors

extension TensorName.Arrangement {
    /// The shape that a tensor of GGUF has in a Hugging Face folder.
    func huggingFaceShape(_ shape: [Int]) -> [Int] {
        self == .transposed && shape.count == 2 ? [shape[1], shape[0]] : shape
    }
}

extension StoredTensor {
    /// This tensor of a Hugging Face file as the model reads it: transposed, with its 1 added, or its heads regrouped.
    /// Rotary halves stay.
    func arranged(_ arrangement: TensorName.Arrangement, as name: String) throws -> StoredTensor {
        switch arrangement {
        case .same, .rotaryHalves:
            return try renamed(name)
        case .transposed:
            return shape.count == 2 ? try transposed(name) : try renamed(name)
        case .lessOne:
            return try mapped(name) { $0 + 1 }
        case .fusedByHead(let heads):
            return try regrouped(name, from: [heads, 3], along: [1, 0])
        }
    }

    /// The same tensor as GGUF arranges it: also the rotary halves become pairs.
    func arrangedForGGUF(_ arrangement: TensorName.Arrangement) throws -> StoredTensor {
        guard case .rotaryHalves(let heads) = arrangement else { return self }
        return try regrouped(name, from: [heads, 2, (shape.first ?? 0) / max(1, heads) / 2], along: [0, 2, 1])
    }

    /// The way back from GGUF to Hugging Face.
    func arrangedForHuggingFace(_ arrangement: TensorName.Arrangement, as name: String) throws -> StoredTensor {
        switch arrangement {
        case .same: return try renamed(name)
        case .transposed: return shape.count == 2 ? try transposed(name) : try renamed(name)
        case .lessOne: return try mapped(name) { $0 - 1 }
        case .fusedByHead(let heads): return try regrouped(name, from: [3, heads], along: [1, 0])
        case .rotaryHalves(let heads):
            return try regrouped(name, from: [heads, (shape.first ?? 0) / max(1, heads) / 2, 2], along: [0, 2, 1])
        }
    }

    func renamed(_ name: String) throws -> StoredTensor {
        name == self.name ? self : view(named: name)
    }

    private func transposed(_ name: String) throws -> StoredTensor {
        // The columns of quantised rows can be had as floats only.
        guard dtype.isFloat else { return try mapped(self.name) { $0 }.transposed(name) }
        let rows = shape[0]
        let columns = shape[1]
        let size = dtype.blockBytes
        var result = [UInt8](repeating: 0, count: bytes.count)
        result.withUnsafeMutableBytes { target in
            for row in 0..<rows {
                for column in 0..<columns {
                    for byte in 0..<size {
                        target[(column * rows + row) * size + byte] = bytes[(row * columns + column) * size + byte]
                    }
                }
            }
        }
        return try StoredTensor(name: name, dtype: dtype, shape: [columns, rows], copying: result)
    }

    private func mapped(_ name: String, _ change: (Float) -> Float) throws -> StoredTensor {
        let values = try Tensor(shape: shape, dtype: dtype, borrowing: bytes, owner: owner).toArray().map(change)
        return try values.withUnsafeBytes { try StoredTensor(name: name, dtype: .f32, shape: shape, copying: $0) }
    }

    /// Rows in another order: the outermost dimension is seen as `sizes` (the last may be left out when it follows from
    /// the others), whose dimensions are then taken in the order `along`.
    private func regrouped(_ name: String, from sizes: [Int], along order: [Int]) throws -> StoredTensor {
        let outer = shape.first ?? 0
        let known = sizes.reduce(1, *)
        guard known > 0, outer % known == 0, sizes.count == 2 || known == outer else {
            throw ModelError.badTensor(
                self.name,
                reason: "its \(outer) rows don't divide into \(sizes.map(String.init).joined(separator: " x "))",
                file: "")
        }
        // What is left inside is moved as one piece.
        let piece = bytes.count / known
        var strides = [Int](repeating: piece, count: sizes.count)
        for index in stride(from: sizes.count - 2, through: 0, by: -1) {
            strides[index] = strides[index + 1] * sizes[index + 1]
        }
        let newSizes = order.map { sizes[$0] }
        let newStrides = order.map { strides[$0] }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        func copy(_ depth: Int, _ start: Int) {
            if depth == newSizes.count {
                result.append(contentsOf: bytes[start..<start + piece])
            } else {
                for index in 0..<newSizes[depth] { copy(depth + 1, start + index * newStrides[depth]) }
            }
        }
        copy(0, 0)
        return try StoredTensor(name: name, dtype: dtype, shape: shape, copying: result)
    }
}
