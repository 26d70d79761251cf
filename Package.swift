// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let abi: Target.Dependency = .product(name: "SyrinxABI", package: "swift")

let package = Package(
    name: "syrinx",
    products: [
        .executable(name: "syrinx", targets: ["syrinx"]),
        .library(name: "VoiceBackend", targets: ["VoiceBackend"]),
    ],
    dependencies: [
        .package(path: "plugin-sdk/swift"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        .target(name: "SyrinxAudio", swiftSettings: strict),
        .target(name: "VoiceBackend", dependencies: ["SyrinxAudio", nioCore, nioPosix, log], swiftSettings: strict),
        .executableTarget(
            name: "syrinx",
            dependencies: [
                "VoiceBackend", abi,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: strict),
    ]
)
