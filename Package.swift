// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let abi: Target.Dependency = .product(name: "SyrinxABI", package: "swift")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")

let package = Package(
    name: "syrinx",
    products: [],
    dependencies: [
        .package(path: "plugin-sdk/swift"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
    ],
    targets: [
        .systemLibrary(name: "CSpeexDSP", pkgConfig: "speexdsp", providers: [.apt(["libspeexdsp-dev"])]),
        .target(name: "CSyrinxHost"),
        .target(name: "SyrinxAudio", dependencies: ["CSpeexDSP"], swiftSettings: strict),
        .target(name: "SyrinxCore", swiftSettings: strict),
        .target(
            name: "SyrinxHost", dependencies: [abi, deque, "CSyrinxHost", "SyrinxAudio", "SyrinxCore"],
            swiftSettings: strict),
        .target(name: "SyrinxConversation", dependencies: ["SyrinxCore"], swiftSettings: strict),
        .target(
            name: "SyrinxRuntime",
            dependencies: [
                nioCore, deque, log, "CSyrinxHost", "SyrinxAudio", "SyrinxCore", "SyrinxConversation", "SyrinxHost",
            ], swiftSettings: strict),
        .target(
            name: "SyrinxServer",
            dependencies: [
                nioCore, nioPosix, log, hummingbird,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
                "SyrinxCore", "SyrinxConversation", "SyrinxHost", "SyrinxRuntime",
            ], swiftSettings: strict),
    ]
)
