// swift-tools-version:6.2
import PackageDescription

/// The Swift face of the Syrinx plugin ABI. Plugin authors depend on this package alone; it never needs the host.
let package = Package(
    name: "syrinx-plugin-sdk",
    products: [
        .library(name: "SyrinxABI", targets: ["SyrinxABI"]),
        .library(name: "SyrinxPlugin", targets: ["SyrinxPlugin"]),
    ],
    targets: [
        .target(name: "SyrinxABI"),
        .target(name: "SyrinxPlugin", dependencies: ["SyrinxABI"]),
    ]
)
