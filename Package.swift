// swift-tools-version:6.2
import PackageDescription

// Imports point down docs/ARCHITECTURE.md's layers; scripts/check-layers holds them to it.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let sdk: Target.Dependency = .product(name: "SyrinxPlugin", package: "swift")
let sdkTesting: Target.Dependency = .product(name: "SyrinxPluginTesting", package: "swift")
let abi: Target.Dependency = .product(name: "SyrinxABI", package: "swift")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let crypto: [Target.Dependency] = [
    .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
]
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")

// MARK: plugins written in Swift

/// Only the entry symbol is exported. An absolute path: the linker's working directory is not promised.
let oneEntry: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/plugin-sdk/swift/plugin.map"])
]

/// What some plugins share; each links it in.
let sharedByPlugins = [
    "openai": ["OpenAIHTTP"], "openai_chat": ["OpenAIHTTP"],
    "webrtc": ["SocketThreads"], "audiosocket": ["SocketThreads"],
]

/// The logic, which tests import, and the thin entry of the shared object: two entries cannot be in one executable.
func swiftPlugin(_ id: String, _ module: String) -> [Target] {
    let names = pluginLibraries[id, default: []] + sharedByPlugins[id, default: []]
    let libraries = names.map { Target.Dependency.byName(name: $0) }
    return [
        .target(
            name: module, dependencies: [sdk] + libraries, path: "Plugins/\(id)/Sources/Logic", swiftSettings: strict),
        .target(
            name: "\(module)Plugin", dependencies: [.target(name: module), sdk], path: "Plugins/\(id)/Sources/Entry",
            swiftSettings: strict, linkerSettings: oneEntry),
    ]
}

let pluginParts: [Target] = [("openai-http", "OpenAIHTTP"), ("socket-threads", "SocketThreads")].map { folder, module in
    .target(
        name: module, dependencies: [sdk], path: "Plugins/\(folder)", exclude: ["README.md"], swiftSettings: strict)
}

let swiftPlugins = [
    ("lexical-turn", "LexicalTurn"), ("script-agent", "ScriptAgent"), ("echo-agent", "EchoAgent"),
    ("mock", "MockProviders"), ("local-backend", "LocalBackend"), ("deepgram", "Deepgram"),
    ("elevenlabs", "ElevenLabs"), ("openai", "OpenAISpeech"), ("openai_chat", "OpenAIChat"),
    ("webhook", "WebhookAgent"), ("openai_realtime", "OpenAIRealtime"),
    ("gemini_live", "GeminiLive"), ("amazon_nova", "AmazonNova"), ("telephony", "Telephony"),
    ("pipecat", "Pipecat"), ("vapi", "Vapi"),
    ("livekit", "LiveKitBackend"),
    ("webrtc", "WebRTCTransport"), ("audiosocket", "AudioSocketTransport"),
]

/// Libraries of the system that a plugin is written against.
let pluginLibraries = ["webrtc": ["COpus", "CSRTP", "COpenSSL", "CUSRSCTP"]]

// MARK: the host

let gnu: [CSetting] = [.define("_GNU_SOURCE"), .unsafeFlags(["-std=gnu11"])]
/// Without it the linker would add the Swift runtime to an executable that has no Swift in it.
let plainC: [LinkerSetting] = [.unsafeFlags(["-enable-experimental-feature", "Embedded"])]

let host: [Target] = [
    .systemLibrary(name: "CSpeexDSP", pkgConfig: "speexdsp", providers: [.apt(["libspeexdsp-dev"])]),
    .systemLibrary(name: "COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"])]),
    .systemLibrary(name: "CSRTP", pkgConfig: "libsrtp2", providers: [.apt(["libsrtp2-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CUSRSCTP", providers: [.apt(["libusrsctp-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CFFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
    .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
    .target(
        name: "CSyrinxBound", dependencies: [abi, "CFFI", "CJansson"],
        cSettings: gnu + [.headerSearchPath("../../plugin-sdk/c")], linkerSettings: [.linkedLibrary("m")]),
    .executableTarget(
        name: "syrinx-bind-check", dependencies: [abi, "CSyrinxBound"], cSettings: gnu,
        linkerSettings: plainC + [.linkedLibrary("dw"), .linkedLibrary("elf")]),
    .target(name: "CSyrinxHost"),
    .target(name: "CSyrinxRing", dependencies: [abi], cSettings: gnu),
    .target(name: "CSyrinxIsolation", dependencies: [abi, "CSyrinxRing"], cSettings: gnu),
    .executableTarget(
        name: "syrinx-plugin-host", dependencies: [abi, "CSyrinxBound", "CSyrinxRing", "CSyrinxIsolation"],
        cSettings: gnu,
        linkerSettings: plainC + [.linkedLibrary("seccomp"), .linkedLibrary("speexdsp")]),
    .target(
        name: "CSyrinxFakeHost", dependencies: [abi], path: "plugin-sdk/c/fakehost", publicHeadersPath: ".",
        cSettings: gnu + [.headerSearchPath("..")]),
    .executableTarget(
        name: "syrinx-plugin-check",
        dependencies: [abi, "CSyrinxBound", "CSyrinxFakeHost", "CSyrinxRing", "CSyrinxIsolation"],
        exclude: ["Makefile"],
        cSettings: gnu + [.headerSearchPath("../../plugin-sdk/c")], linkerSettings: plainC + [.linkedLibrary("m")]),
    .target(name: "SyrinxAudio", dependencies: ["CSpeexDSP"], swiftSettings: strict),
    .target(name: "SyrinxCore", swiftSettings: strict),
    .target(name: "SyrinxConversation", dependencies: ["SyrinxCore"], swiftSettings: strict),
    .target(
        name: "SyrinxRealtime", dependencies: ["SyrinxAudio", "SyrinxCore", "SyrinxConversation"],
        swiftSettings: strict),
    .target(
        name: "SyrinxConfig", dependencies: ["SyrinxCore", .product(name: "Yams", package: "Yams")],
        swiftSettings: strict),
    .target(name: "SyrinxAccess", dependencies: crypto + ["SyrinxCore"], swiftSettings: strict),
    .target(name: "SyrinxStore", dependencies: [grdb, "SyrinxCore"], swiftSettings: strict),
    .target(
        name: "SyrinxNet",
        dependencies: crypto + [nioCore, nioPosix, nioHTTP, nioTLS, nioSSL, nioHTTP2, deque, "SyrinxCore"],
        swiftSettings: strict),
    .target(
        name: "SyrinxSimulators",
        dependencies: crypto + [nioCore, nioPosix, nioHTTP, nioWebSocket, nioSSL, nioHTTP2, "SyrinxCore"],
        swiftSettings: strict),
    .target(name: "SyrinxTelemetry", dependencies: [log, "CSodium", "SyrinxCore"], swiftSettings: strict),
    .target(
        name: "SyrinxHost",
        dependencies: [
            abi, deque, .product(name: "Crypto", package: "swift-crypto"), "CSodium", "CSyrinxBound", "CSyrinxHost",
            "CSyrinxIsolation", "SyrinxAudio", "SyrinxCore",
        ],
        swiftSettings: strict),
    .target(
        name: "SyrinxRuntime",
        dependencies: [
            abi, nioCore, deque, log, "CSyrinxHost", "SyrinxAudio", "SyrinxCore", "SyrinxConversation", "SyrinxHost",
            "SyrinxTelemetry",
        ], swiftSettings: strict),
    .target(
        name: "SyrinxServer",
        dependencies: [
            nioCore, nioPosix, nioHTTP, nioWebSocket, log,
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            "SyrinxAccess", "SyrinxConfig", "SyrinxCore", "SyrinxConversation", "SyrinxHost", "SyrinxNet",
            "SyrinxRealtime", "SyrinxRuntime", "SyrinxStore", "SyrinxTelemetry",
        ], swiftSettings: strict),
    .target(
        name: "VoiceBackend",
        dependencies: [
            nioCore, nioPosix, log, "SyrinxAudio", "SyrinxCore", "SyrinxConversation", "SyrinxHost", "SyrinxNet",
            "SyrinxRuntime", "SyrinxTelemetry",
        ], swiftSettings: strict),
    .target(
        name: "SyrinxCLI",
        dependencies: [
            nioCore, nioPosix, nioHTTP, nioWebSocket, log,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            "CSyrinxHost", "SyrinxAccess", "SyrinxAudio", "SyrinxConfig", "SyrinxCore", "SyrinxConversation",
            "SyrinxHost", "SyrinxRuntime", "SyrinxServer", "SyrinxSimulators", "SyrinxTelemetry",
        ], swiftSettings: strict),
    .executableTarget(name: "syrinx", dependencies: ["SyrinxCLI"], swiftSettings: strict),
    .target(
        name: "SyrinxTestKit", dependencies: ["SyrinxConversation", "SyrinxCore", "SyrinxHost"],
        swiftSettings: strict),
    .executableTarget(
        name: "Tutorial", dependencies: ["VoiceBackend"], path: "Examples/tutorial/Sources/Tutorial"),
    .executableTarget(
        name: "nio-echo", dependencies: [nioCore, nioPosix, nioHTTP, nioWebSocket], path: "Benchmarks/floor",
        swiftSettings: strict),
    .executableTarget(
        name: "host-call", dependencies: ["SyrinxCore", "SyrinxHost", "SyrinxTestKit"], path: "Benchmarks/host-call",
        swiftSettings: strict),
]

// MARK: tests, a target for each of Sources

let tests: [Target] = [
    .testTarget(name: "SyrinxAudioTests", dependencies: ["SyrinxAudio"], swiftSettings: strict),
    .testTarget(name: "SyrinxCoreTests", dependencies: ["SyrinxCore"], swiftSettings: strict),
    .testTarget(
        name: "SyrinxAccessTests", dependencies: crypto + ["SyrinxAccess", "SyrinxCore"], swiftSettings: strict),
    .testTarget(
        name: "SyrinxStoreTests", dependencies: [grdb, "SyrinxAudio", "SyrinxCore", "SyrinxStore"],
        swiftSettings: strict),
    .testTarget(
        name: "SyrinxTelemetryTests", dependencies: [log, "SyrinxCore", "SyrinxTelemetry"], swiftSettings: strict),
    .testTarget(
        name: "SyrinxNetTests",
        dependencies: [
            nioCore, nioPosix, nioHTTP, nioWebSocket, nioSSL, nioHTTP2, "SyrinxCore", "SyrinxNet",
        ],
        swiftSettings: strict),
    .testTarget(
        name: "SyrinxSimulatorsTests",
        dependencies: [nioCore, nioPosix, nioHTTP, "SyrinxCore", "SyrinxNet", "SyrinxSimulators"],
        swiftSettings: strict),
    .testTarget(name: "SyrinxConfigTests", dependencies: ["SyrinxConfig", "SyrinxCore"], swiftSettings: strict),
    .testTarget(
        name: "SyrinxConversationTests", dependencies: ["SyrinxConversation", "SyrinxCore", "SyrinxTestKit"],
        swiftSettings: strict),
    .testTarget(
        name: "SyrinxRealtimeTests",
        dependencies: ["SyrinxAudio", "SyrinxCore", "SyrinxConversation", "SyrinxRealtime", "SyrinxTestKit"],
        swiftSettings: strict),
    .testTarget(
        name: "SyrinxHostTests", dependencies: ["SyrinxCore", "SyrinxHost", "SyrinxTestKit"],
        exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
        name: "SyrinxCLITests",
        dependencies: ["SyrinxCLI", "SyrinxCore", .product(name: "ArgumentParser", package: "swift-argument-parser")],
        swiftSettings: strict),
    .testTarget(
        name: "SyrinxRuntimeTests",
        dependencies: [
            nioCore, .product(name: "NIOEmbedded", package: "swift-nio"), "SyrinxConversation", "SyrinxCore",
            "SyrinxHost", "SyrinxRuntime", "SyrinxTestKit",
        ], swiftSettings: strict),
    .testTarget(
        name: "SyrinxServerTests",
        dependencies: [
            nioCore, nioPosix, nioHTTP, nioWebSocket, log, "SyrinxAccess", "SyrinxAudio", "SyrinxCLI", "SyrinxConfig",
            "SyrinxCore", "SyrinxConversation", "SyrinxHost", "SyrinxRealtime", "SyrinxRuntime", "SyrinxServer",
            "SyrinxSimulators", "SyrinxStore", "SyrinxTelemetry", "SyrinxTestKit",
        ], swiftSettings: strict),
    .testTarget(
        name: "VoiceBackendTests", dependencies: ["VoiceBackend", "SyrinxAudio", "SyrinxCore"], swiftSettings: strict),
    .testTarget(
        name: "SwiftPluginTests",
        dependencies: swiftPlugins.map { .target(name: $0.1) } + [sdk, sdkTesting, "COpenSSL", "SocketThreads"],
        swiftSettings: strict),
]

/// `SYRINX_TESTS=SyrinxNetTests swift build --build-tests` builds these suites and what they need, nothing else.
let chosenTests = Context.environment["SYRINX_TESTS"].map { Set($0.split(separator: ",").map(String.init)) }

func chosen(_ all: [Target]) -> [Target] {
    guard var wanted = chosenTests else { return all }
    var found = 0
    while found != wanted.count {
        found = wanted.count
        for target in all where wanted.contains(target.name) {
            for dependency in target.dependencies {
                if case .byNameItem(let name, _) = dependency { wanted.insert(name) }
                if case .targetItem(let name, _) = dependency { wanted.insert(name) }
            }
        }
    }
    return all.filter { wanted.contains($0.name) }
}

let products: [Product] =
    [
        .executable(name: "syrinx", targets: ["syrinx"]),
        .executable(name: "syrinx-plugin-host", targets: ["syrinx-plugin-host"]),
        .executable(name: "syrinx-bind-check", targets: ["syrinx-bind-check"]),
        .executable(name: "syrinx-plugin-check", targets: ["syrinx-plugin-check"]),
        .library(name: "VoiceBackend", targets: ["VoiceBackend"]),
    ] + swiftPlugins.map { .library(name: "syrinx-\($0.0)", type: .dynamic, targets: ["\($0.1)Plugin"]) }

let package = Package(
    name: "syrinx",
    products: chosenTests == nil ? products : [],
    dependencies: [
        .package(path: "plugin-sdk/swift"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.44.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    ],
    targets: chosen(swiftPlugins.flatMap { swiftPlugin($0.0, $0.1) } + pluginParts + host + tests)
)
