// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Storyteller",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "apus", path: "../..")],
    targets: [
        .executableTarget(name: "Storyteller", dependencies: [.product(name: "Apus", package: "apus")])
    ]
)
