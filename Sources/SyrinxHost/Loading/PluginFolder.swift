// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// Finds plugins: every sub-folder with a `plugin.json`. No code of a plugin runs here.
package enum PluginFolder {
    package struct Found: Sendable {
        package var path: String
        package var manifest: Result<PluginManifest, SyrinxError>
    }

    /// Sub-folders in name order, so that loading is the same everywhere. Hidden ones are in the making.
    /// - Throws: `plugin.folder.missing` when the folder itself cannot be read.
    package static func scan(_ folder: String) throws(SyrinxError) -> [Found] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw SyrinxError(
                "plugin.folder.missing", "the plugin folder cannot be read",
                fix: "run `make build`, or set plugins.folders in the configuration", place: folder)
        }
        return names.filter { !$0.hasPrefix(".") }.compactMap { name in
            let path = "\(folder)/\(name)"
            guard let bytes = FileManager.default.contents(atPath: "\(path)/plugin.json") else { return nil }
            return Found(path: path, manifest: manifest(bytes, file: "\(path)/plugin.json"))
        }
    }

    private static func manifest(_ bytes: Data, file: String) -> Result<PluginManifest, SyrinxError> {
        Result { () throws(SyrinxError) in
            try PluginManifest(parsing: Array(bytes.prefix(PluginManifest.maximumBytes + 1)), file: file)
        }
    }
}
