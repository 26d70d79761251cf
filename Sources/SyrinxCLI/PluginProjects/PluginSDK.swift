// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// The folder `plugin-sdk`: headers, the languages' faces, templates.
package struct PluginSDK: Hashable, Sendable {
    package let path: String

    /// Takes the folder that was named, else `SYRINX_SDK`, else the installed one, else the one of the checkout that the
    /// binary lies in.
    ///
    /// - Throws: `plugin.sdk.not_found`.
    package init(
        named: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    )
        throws(SyrinxError)
    {
        if let named = named ?? environment["SYRINX_SDK"] {
            path = URL(fileURLWithPath: named).standardizedFileURL.path
            guard Self.isSDK(path) else {
                throw SyrinxError(
                    "plugin.sdk.not_found", "this is not the plugin SDK: it has no include/syrinx_plugin.h",
                    fix: "name the folder `plugin-sdk` itself with --sdk or SYRINX_SDK", place: path)
            }
        } else if let found = InstallPaths.sdkFolders.first(where: Self.isSDK) {
            path = found
        } else {
            throw SyrinxError(
                "plugin.sdk.not_found", "the plugin SDK is not installed beside this binary",
                fix: "name the folder `plugin-sdk` of a Syrinx checkout with --sdk or SYRINX_SDK")
        }
        try Self.check(path: path)
    }

    /// - Throws: `plugin.project.path_unsupported` for a path that make would tear apart.
    package static func check(path: String) throws(SyrinxError) {
        guard path.contains(where: { $0.isWhitespace || "'\"$#%:;\\@&|".contains($0) }) else { return }
        throw SyrinxError(
            "plugin.project.path_unsupported", "make cannot work with this path",
            fix: "use a folder whose path has no blanks, quotes or signs such as $, # and @", place: path)
    }

    private static func isSDK(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/include/syrinx_plugin.h")
    }
}
