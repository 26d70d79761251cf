// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// A package's files, each read once. Everything that follows speaks of these bytes, whatever becomes of the folder.
struct PackageContents {
    let folder: String
    let manifest: PluginManifest
    let manifestBytes: [UInt8]
    let signatureBytes: [UInt8]?
    let entryBytes: [UInt8]
    let entryHash: ContentHash
    /// Hash of every file that was read.
    let hashes: [String: ContentHash]
    /// Every file of the folder.
    let present: [String]

    /// A file of a package may be so large.
    static let maximumFileBytes = 256 << 20

    /// - Parameter others: which files besides manifest, signature and entry to hash, once the manifest is known.
    /// - Throws: `plugin.manifest.invalid`, `plugin.package.*`.
    init(
        of path: String, guarding: FileGuard, maximumFileBytes: Int = Self.maximumFileBytes,
        others: (PluginManifest, [String]) -> Set<String>
    ) throws(SyrinxError) {
        let folder = try GuardedFolder(path, guarding: guarding)
        self.folder = path
        present = try folder.list()
        manifestBytes = try folder.read(PluginManifest.fileName, limit: PluginManifest.maximumBytes)
        manifest = try PluginManifest(parsing: manifestBytes, file: "\(path)/\(PluginManifest.fileName)")
        signatureBytes =
            folder.has(PackageSignature.fileName)
            ? try folder.read(PackageSignature.fileName, limit: PackageSignature.maximumBytes) : nil
        entryBytes = try folder.read(manifest.entry, limit: maximumFileBytes)
        entryHash = ContentHash(of: entryBytes)
        var hashes = [manifest.entry: entryHash, PluginManifest.fileName: ContentHash(of: manifestBytes)]
        if let signatureBytes { hashes[PackageSignature.fileName] = ContentHash(of: signatureBytes) }
        for name in others(manifest, present).sorted() where hashes[name] == nil {
            hashes[name] = try folder.hash(name, limit: maximumFileBytes)
        }
        self.hashes = hashes
    }

    func place(_ name: String) -> String { "\(folder)/\(name)" }
}
