import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The tables of kernels, one per instruction set: `scalar`, `avx2`, `avxvnni`, `avx512`, `neon`, `neon_i8mm`.
///
/// The best one that the processor can run is used, or the one that the environment variable `APUS_ISA` names.
public enum InstructionSets {
    /// What this processor can run, in ascending order of speed.
    public static let available: [String] = (0...).lazy.map { apus_kernels_at($0) }.prefix { $0 != nil }
        .compactMap { table in table.map { String(cString: $0.pointee.name) } }

    /// The one that is used.
    public static var chosen: String { String(cString: apus_kernels().pointee.name) }

    /// Makes sure that the table asked for is the one that is used. Opening a model does so by itself.
    ///
    /// - Parameter wanted: a name; nil or empty for the best one.
    /// - Throws: ``InstructionSetError`` where this processor does not have it.
    public static func check(_ wanted: String? = environmentChoice) throws(InstructionSetError) {
        guard let wanted, !wanted.isEmpty, !available.contains(wanted) else { return }
        throw InstructionSetError(wanted: wanted, available: available)
    }

    /// The value of `APUS_ISA`.
    public static var environmentChoice: String? { getenv("APUS_ISA").map { String(cString: $0) } }
}

/// `APUS_ISA` names an instruction set that this processor lacks or that Apus does not know.
public struct InstructionSetError: Error, Equatable, CustomStringConvertible {
    public let wanted: String
    public let available: [String]

    public var description: String {
        "APUS_ISA is \"\(wanted)\", which this processor does not have; set it to one of "
            + "\(available.joined(separator: ", ")), or leave it out to have the best of them chosen"
    }
}
