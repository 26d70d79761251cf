// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A plugin's folder, read and made safe to load: nobody can change the bytes at `loadPath` any more.
package struct PluginPackage: Sendable {
    package var manifest: PluginManifest
    /// The folder as the operator knows it; the plugin finds its models there.
    package var folder: String
    /// A path that no other build was ever loaded from: the loader knows files by name.
    package var loadPath: String
    /// SHA-256 of the entry, lower-case hex.
    package var hash: String
    /// Where its code is to run.
    package var mode: LoadMode
    package var trust: PackageTrust
    /// Keeps the memory behind `loadPath`, where it is memory.
    var image: SealedImage?

    package init(
        manifest: PluginManifest, folder: String, loadPath: String, hash: String, mode: LoadMode = .inProcess,
        trust: PackageTrust = PackageTrust(.unsigned)
    ) {
        self.manifest = manifest
        self.folder = folder
        self.loadPath = loadPath
        self.hash = hash
        self.mode = mode
        self.trust = trust
    }
}

/// Where builds of plugins come from. No code of the plugin runs here. Called on one thread at a time.
package protocol PackageSource: Sendable {
    /// - Throws: why the folder cannot be taken: `plugin.manifest.invalid`, `plugin.package.*`.
    func package(at folder: String) throws(SyrinxError) -> PluginPackage

    /// The package will not be loaded, or not again.
    func discard(_ package: PluginPackage)
}

/// What tells that a folder's content may have changed, without reading it.
struct PackageFingerprint: Hashable {
    private struct File: Hashable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private var manifest: File?
    private var entry: File?

    init(_ folder: String, entry name: String?) {
        manifest = Self.file("\(folder)/plugin.json")
        entry = name.flatMap { Self.file("\(folder)/\($0)") }
    }

    private static func file(_ path: String) -> File? {
        guard let found = FileStatus(path) else { return nil }
        return File(inode: found.inode, size: found.size, seconds: found.seconds, nanoseconds: found.nanoseconds)
    }
}
