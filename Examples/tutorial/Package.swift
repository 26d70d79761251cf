// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "tutorial",
    dependencies: [.package(name: "syrinx", path: "../..")],
    targets: [
        .executableTarget(name: "Tutorial", dependencies: [.product(name: "VoiceBackend", package: "syrinx")])
    ]
)
