// swift-tools-version: 6.1
import PackageDescription

// Coverage-guided fuzzing with libFuzzer, which comes with the Swift toolchain. A package of its own, because the
// instrumentation needs unsafe flags; the sources are links to the root package's, without its network dependencies.
let instrument: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer"])]

let package = Package(
    name: "apus-fuzz",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "CKernels"),
        .target(name: "ApusTensors", dependencies: ["CKernels"], path: "Sources/Tensors"),
        .target(
            name: "ApusModelFiles", dependencies: ["ApusTensors"], path: "Sources/ModelFiles",
            swiftSettings: instrument),
        .target(
            name: "ApusTokenization", dependencies: ["ApusModelFiles"], path: "Sources/Tokenization",
            swiftSettings: instrument),
        .target(
            name: "ApusModels", dependencies: ["ApusTensors", "ApusModelFiles"], path: "Sources/Models",
            swiftSettings: instrument),
        .executableTarget(
            name: "Fuzz", dependencies: ["ApusModelFiles", "ApusTokenization", "ApusModels"], swiftSettings: instrument,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
    ]
)
