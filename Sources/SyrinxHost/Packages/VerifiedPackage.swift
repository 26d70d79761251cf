// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A package whose every check has passed, none of whose code has run.
package struct VerifiedPackage: Sendable {
    package var manifest: PluginManifest
    /// The plugin's folder, its `data_dir`. Its data files were hashed, if the manifest or the lock lists them, and are
    /// read from there; the entry is not.
    package var folder: String
    package var trust: PackageTrust
    /// SHA-256 of the entry: the name of this code in store and quarantine.
    package var entryHash: ContentHash
    /// What to load: a path of the store, or of sealed memory. It holds the bytes that were checked.
    package var loadPath: String
    /// The sealed memory, when there is no store.
    package var image: SealedImage?
    package var permissions: PluginPermissions { manifest.permissions }
    /// Libraries that the loader loads with it; empty for a bound package.
    package var needed: [String]
    /// What is odd about the shared object without refusing it.
    package var warnings: [SyrinxError]
    /// Hash of every file that was checked, by its path inside the folder.
    package var files: [String: ContentHash]

    /// Whether trust and the plugin's own wish let it into the server's process. A bound library never is: a mistake in
    /// its binding is memory corruption.
    package var runsInProcess: Bool { trust.mayRunInProcess && manifest.mode != .isolated && !manifest.isBound }
}
