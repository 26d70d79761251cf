// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Builds of plugins that have passed verification, by the path of their content.
package struct VerifiedPackageSource: PackageSource {
    private let loading: PluginLoading

    package init(_ loading: PluginLoading) { self.loading = loading }

    /// - Throws: what `PackageVerifier.verify` throws.
    package func package(at folder: String) throws(SyrinxError) -> PluginPackage { try loading.package(at: folder) }

    /// Keeps everything: equal content has one path, which another generation may have loaded.
    package func discard(_ package: PluginPackage) {}
}
