import CKernels

extension Tensor {
    /// Rows of a table of any type, such as the embeddings of tokens: `[ids.count, columns]`, float32.
    ///
    /// - Throws: ``TensorError/rowsOutOfRange(_:of:)`` for an id that the table does not have.
    public func rows(_ ids: [Int32]) throws(TensorError) -> Tensor {
        let outer = rows
        for id in ids where id < 0 || Int(id) >= outer {
            throw .rowsOutOfRange(Int(id)..<Int(id) + 1, of: shape)
        }
        return gathered(ids)
    }

    /// The same for ids that come from within a model and are known to be rows.
    public func gathered(_ ids: [Int32]) -> Tensor {
        assert(ids.allSatisfy { $0 >= 0 && Int($0) < rows })
        let result = Tensor(uninitialized: [ids.count, columns])
        let kernel = apus_kernels().pointee.dequantize
        let columns = columns
        let rowBytes = rowBytes
        let y = result.floats
        let source = bytes
        let type = dtype.rawValue
        ids.withUnsafeBufferPointer { ids in
            parallelRows(ids.count, cost: columns) { range in
                for row in range { kernel(type, source + Int(ids[row]) * rowBytes, y + row * columns, Int64(columns)) }
            }
        }
        withExtendedLifetime(self) {}
        guard Differentiation.records(node) else { return result }
        return result.recorded([node]) { [node, rows] gradient in
            if let node { gradient.embeddingGradient(ids: ids, tableRows: rows, to: node.place()) }
        }
    }

    /// Columns `range` of each row, copied: how a fused projection (query, key and value in one matrix) comes apart.
    public func columns(_ range: Range<Int>) -> Tensor {
        assert(range.lowerBound >= 0 && range.upperBound <= columns)
        let result = Tensor(uninitialized: shape.dropLast() + [range.count])
        let width = columns
        let x = floats
        let y = result.floats
        parallelRows(rows, cost: range.count) { rows in
            for row in rows {
                (y + row * range.count).update(from: x + row * width + range.lowerBound, count: range.count)
            }
        }
        withExtendedLifetime(self) {}
        guard Differentiation.records(node) else { return result }
        return result.recorded([node]) { [node] gradient in node?.addColumns(gradient, range, of: width) }
    }
}
