// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The Swift face of the Syrinx plugin ABI.
///
/// Plugin authors depend on this package alone; it never needs the host.
let package = Package(
    name: "syrinx-plugin-sdk",
    products: [
        .library(name: "SyrinxABI", targets: ["SyrinxABI"]),
        .library(name: "SyrinxPlugin", targets: ["SyrinxPlugin"]),
        .library(name: "SyrinxPluginTesting", targets: ["SyrinxPluginTesting"]),
    ],
    targets: [
        .target(name: "SyrinxABI"),
        .target(name: "SyrinxPlugin", dependencies: ["SyrinxABI"], swiftSettings: strict),
        .target(name: "SyrinxPluginTesting", dependencies: ["SyrinxABI", "SyrinxPlugin"], swiftSettings: strict),
        .testTarget(
            name: "SyrinxPluginTests",
            dependencies: ["SyrinxABI", "SyrinxPlugin", "SyrinxPluginTesting"],
            swiftSettings: strict
        ),
    ]
)
