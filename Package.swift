// swift-tools-version: 6.1
import PackageDescription

// The floors of the house, ground first: a target imports only from those above it in this list.
// docs/architecture.md explains each; docs/dependencies.md says why each dependency is there.
let package = Package(
    name: "apus",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Apus", targets: ["Apus"]),
        .executable(name: "apus", targets: ["ApusCommandLine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .target(name: "CKernels", path: "Sources/CKernels"),
        .target(name: "ApusTensors", dependencies: ["CKernels"], path: "Sources/Tensors"),
        .target(name: "ApusModelFiles", dependencies: ["ApusTensors"], path: "Sources/ModelFiles"),
        .target(
            name: "ApusModelStore",
            dependencies: [
                "ApusModelFiles",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            path: "Sources/ModelStore"),
        .target(
            name: "ApusTokenization", dependencies: ["ApusModelFiles"], path: "Sources/Tokenization",
            exclude: ["Unicode/make_unicode_data.py"]),
        .target(name: "ApusModels", dependencies: ["ApusTensors", "ApusModelFiles"], path: "Sources/Models"),
        .target(
            name: "ApusGeneration", dependencies: ["ApusModels", "ApusTokenization"], path: "Sources/Generation"),
        .target(
            name: "ApusConversion", dependencies: ["ApusModels", "ApusTokenization"], path: "Sources/Conversion"),
        .target(
            name: "ApusTraining", dependencies: ["ApusGeneration", "ApusConversion"], path: "Sources/Training"),
        .target(name: "ApusEvaluation", dependencies: ["ApusGeneration"], path: "Sources/Evaluation"),
        .target(
            name: "Apus",
            dependencies: [
                "ApusTensors", "ApusModelFiles", "ApusModelStore", "ApusTokenization", "ApusModels", "ApusGeneration",
                "ApusConversion", "ApusTraining", "ApusEvaluation",
            ],
            path: "Sources/Apus",
            exclude: ["Resources/MODEL_CARD.md"],
            resources: [.copy("Resources/apus-primer.gguf")]),
        .executableTarget(
            name: "ApusCommandLine",
            dependencies: [
                "Apus", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            path: "Sources/CommandLine"),

        .testTarget(name: "CKernelsTests", dependencies: ["CKernels"], exclude: ["Fixtures"]),
        .testTarget(name: "TensorsTests", dependencies: ["ApusTensors", "CKernels"], exclude: ["Fixtures"]),
        .testTarget(
            name: "ModelFilesTests", dependencies: ["ApusModelFiles"], exclude: ["Fixtures"]),
        .testTarget(
            name: "ModelStoreTests",
            dependencies: [
                "ApusModelStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(
            name: "TokenizationTests", dependencies: ["ApusTokenization"], exclude: ["Fixtures", "Core/Fixtures"]),
        .testTarget(name: "ModelsTests", dependencies: ["ApusModels"], exclude: ["Fixtures"]),
        .testTarget(name: "GenerationTests", dependencies: ["ApusGeneration"], exclude: ["Sampling/Fixtures", "Constraint/Fixtures"]),
        .testTarget(name: "ConversionTests", dependencies: ["ApusConversion"]),
        .testTarget(name: "TrainingTests", dependencies: ["ApusTraining"], exclude: ["Fixtures"]),
        .testTarget(name: "EvaluationTests", dependencies: ["ApusEvaluation"], exclude: ["Fixtures"]),
        .testTarget(name: "CommandLineTests", dependencies: ["ApusCommandLine"]),
    ]
)
