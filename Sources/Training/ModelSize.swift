import ApusModelFiles
import ApusModels
import ApusTensors
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How large a new model would be, found without making it.
struct ModelSize {
    let configuration: DecoderConfiguration
    let parameters: Int

    /// Blocks are alike: a model of one and one of two tell the size of all.
    ///
    /// - Throws: ``TrainingError/unknownFamily(_:known:)``, ``TrainingError/badSetting(_:value:expected:)``,
    ///   ``TrainingError/notEnoughMemory(needed:available:)`` for a tensor that no machine could address.
    init(_ settings: ModelSettings, vocabulary: Int) throws {
        func count(_ layers: Int) throws -> (DecoderConfiguration, Int) {
            var settings = settings
            settings.layers = layers
            let (family, configuration) = try TrainableModel.family(settings.config(vocabulary: vocabulary))
            let counted = CountedParameters { family.makes($0, configuration) }
            _ = try family.init(configuration, Weights(counted, file: "the settings of the model"))
            return (configuration, counted.count)
        }
        let (_, one) = try count(1)
        let (_, two) = try count(2)
        configuration = try TrainableModel.family(settings.config(vocabulary: vocabulary)).configuration
        let (blocks, overflow) = (two - one).multipliedReportingOverflow(by: settings.layers - 1)
        parameters = overflow ? .max : min(.max - one, blocks) + one
    }
}

/// Counts the numbers of the tensors that a model asks for, and gives it tensors without memory, which nobody reads.
private final class CountedParameters: ParameterSource {
    private let makes: @Sendable (String) -> Bool
    private let sizes = Mutex<[String: Int]>([:])

    init(makes: @escaping @Sendable (String) -> Bool) { self.makes = makes }

    var names: [String] { sizes.withLock { Array($0.keys) } }
    var count: Int { sizes.withLock { $0.values.reduce(0, +) } }

    func has(_ name: String) -> Bool {
        let parts = name.split(separator: ".", maxSplits: 2)
        return makes(parts.first == "blk" && parts.count == 3 ? String(parts[2]) : name)
    }

    func parameter(_ name: String, shape: [Int]) throws -> Tensor {
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= 1 << 44 else {
                throw TrainingError.notEnoughMemory(needed: 1 << 46, available: SystemMemory.available() ?? 0)
            }
            count = product
        }
        sizes.withLock { $0[name] = count }
        let reserved = try ReservedAddresses(byteCount: count * MemoryLayout<Float>.size)
        return try Tensor(shape: shape, dtype: .f32, borrowing: reserved.bytes, owner: reserved)
    }
}

/// Addresses without memory behind them.
private final class ReservedAddresses {
    let bytes: UnsafeRawBufferPointer

    init(byteCount: Int) throws {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let start = mmap(nil, max(1, byteCount), PROT_READ, flags, -1, 0), start != MAP_FAILED else {
            throw TrainingError.notEnoughMemory(needed: byteCount, available: SystemMemory.available() ?? 0)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: byteCount)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), max(1, bytes.count)) }
}
