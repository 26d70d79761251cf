// SPDX-License-Identifier: Apache-2.0

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
