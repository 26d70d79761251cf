// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Builds of plugins that have passed verification, by the path of their content.
package struct VerifiedPackageSource: PackageSource {
    package let verifier: PackageVerifier

    package init(verifier: PackageVerifier) { self.verifier = verifier }

    /// - Throws: what `PackageVerifier.verify` throws.
    package func package(at folder: String) throws(SyrinxError) -> PluginPackage {
        let package = try verifier.verify(folder: folder)
        return PluginPackage(
            manifest: package.manifest, folder: folder, loadPath: package.loadPath, hash: package.entryHash.hex)
    }

    /// Keeps everything: equal content has one path, which another generation may have loaded.
    package func discard(_ package: PluginPackage) {}
}
