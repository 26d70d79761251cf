// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Where the SDK for Swift lies.
let sdk = (Context.environment["SYRINX_SDK"] ?? "@SDK@") + "/swift"

let plugin: Target.Dependency = .product(name: "SyrinxPlugin", package: "swift")
let testing: Target.Dependency = .product(name: "SyrinxPluginTesting", package: "swift")

/// The plugin carries its own Swift runtime: Swift on Linux promises no binary compatibility between versions, and the
/// host may be built with another one.
let isSelfContained = Context.environment["SYRINX_DYNAMIC_RUNTIME"] == nil
let compileFlags: [SwiftSetting] = isSelfContained ? [.unsafeFlags(["-static-stdlib"])] : []
// The SDK is compiled without that flag, so what its FoundationEssentials needs has to be named here.
let runtime: [LinkerSetting] =
    isSelfContained
    ? [.unsafeFlags(["-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims"])] : []
/// One symbol is exported, and a symbol that is missing fails the link, not the load.
let linkFlags: [LinkerSetting] =
    runtime + [.unsafeFlags(["-Xlinker", "--version-script=\(sdk)/plugin.map", "-Xlinker", "-z", "-Xlinker", "defs"])]

let package = Package(
    name: "@ID@",
    products: [.library(name: "@ID@", type: .dynamic, targets: ["@MODULE@Plugin"])],
    dependencies: [.package(path: sdk)],
    targets: [
        // What the plugin does. Tests import it.
        .target(name: "@MODULE@Logic", dependencies: [plugin]),
        // The exported entry, and nothing else: it may be linked only once.
        .target(
            name: "@MODULE@Plugin",
            dependencies: ["@MODULE@Logic", plugin],
            swiftSettings: compileFlags,
            linkerSettings: linkFlags
        ),
        .testTarget(name: "@MODULE@Tests", dependencies: ["@MODULE@Logic", plugin, testing]),
    ]
)
