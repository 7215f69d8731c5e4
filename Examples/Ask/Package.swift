// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Ask",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "apus", path: "../..")],
    targets: [
        .executableTarget(name: "Ask", dependencies: [.product(name: "Apus", package: "apus")])
    ]
)
