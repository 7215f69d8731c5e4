import ApusTensors
import ArgumentParser

/// The types in which a model's keys and values may be kept, by their names on the command line.
enum CacheType: String, ExpressibleByArgument, CaseIterable {
    case f32
    case f16
    /// 8-bit numbers with a scale for each 32: a little more than half the memory of `f16`.
    case q8 = "q8_0"

    static let names = allCases.map(\.rawValue).joined(separator: "|")

    var dtype: DType {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .q8: .q8_0
        }
    }
}
