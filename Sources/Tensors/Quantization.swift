import CKernels

extension DType {
    /// Whether weights can be written as this type; all types can be read.
    public var isWritable: Bool {
        switch self {
        case .f32, .f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .q4_K, .q5_K, .q6_K: true
        case .q2_K, .q3_K, .iq4_NL, .iq4_XS, .mxfp4: false
        }
    }
}

extension Tensor {
    /// The elements stored as `type`, row by row on all threads, as bytes of a file.
    ///
    /// - Parameter importance: a weight of the squared error for each column, or nil.
    /// - Throws: ``TensorError/notWritable(_:)``, and ``TensorError/wrongByteCount(shape:dtype:expected:got:)`` where
    ///   rows are no whole blocks.
    public func encoded(as type: DType, importance: [Float]? = nil) throws(TensorError) -> [UInt8] {
        guard type.isWritable else { throw .notWritable(type) }
        guard let rowBytes = type.rowBytes(self.columns), importance.map({ $0.count == self.columns }) ?? true else {
            throw .wrongByteCount(shape: shape, dtype: type, expected: nil, got: 0)
        }
        let columns = columns
        let rows = rows
        let source = bytes
        let sourceRowBytes = self.rowBytes
        let sourceType = dtype
        let dequantize = apus_kernels().pointee.dequantize
        let result = [UInt8](unsafeUninitializedCapacity: rows * rowBytes) { buffer, count in
            guard let target = buffer.baseAddress else { return }
            func encode(_ importance: UnsafePointer<Float>?) {
                parallelRows(rows, cost: columns * 64) { range in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { floats in
                        guard let values = floats.baseAddress else { return }
                        for row in range {
                            dequantize(sourceType.rawValue, source + row * sourceRowBytes, values, Int64(columns))
                            _ = apus_quantize_row(
                                type.rawValue, values, importance, Int64(columns), target + row * rowBytes)
                        }
                    }
                }
            }
            if let importance {
                importance.withUnsafeBufferPointer { encode($0.baseAddress) }
            } else {
                encode(nil)
            }
            count = rows * rowBytes
        }
        withExtendedLifetime(self) {}
        return result
    }
}
