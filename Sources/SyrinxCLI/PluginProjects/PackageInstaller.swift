// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
internal import Foundation
package import SyrinxCore

/// Puts a package into a folder of plugins in one step: whoever looks sees the old one or the new one, whole.
package enum PackageInstaller {
    /// Copies beside its place, under a hidden name, then takes that place; what was there before is removed. A loaded
    /// `plugin.so` is not touched: its process keeps the old file.
    ///
    /// - Returns: The package's place.
    /// - Throws: `plugin.install.failed`.
    @discardableResult
    package static func install(package: String, id: String, into folder: String) throws(SyrinxError) -> String {
        let manager = FileManager.default
        let place = "\(folder)/\(id)"
        let staged = "\(folder)/.\(id).staged"
        do {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            if manager.fileExists(atPath: staged) { try manager.removeItem(atPath: staged) }
            try copy(package, to: staged)
        } catch {
            throw failure(error.localizedDescription, place)
        }
        let isNew = !manager.fileExists(atPath: place)
        let problem = isNew ? syrinx_rename_new(staged, place) : syrinx_exchange(staged, place)
        guard problem == 0 else { throw failure(String(cString: strerror(problem)), place) }
        if !isNew { try? manager.removeItem(atPath: staged) }
        return place
    }

    /// The manifest comes last: a folder without one is no plugin yet, for those who look at hidden folders too.
    private static func copy(_ package: String, to staged: String) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: staged, withIntermediateDirectories: false)
        let names = try manager.contentsOfDirectory(atPath: package).filter { $0 != "plugin.json" }
        for name in names + ["plugin.json"] {
            try manager.copyItem(atPath: "\(package)/\(name)", toPath: "\(staged)/\(name)")
        }
    }

    private static func failure(_ reason: String, _ place: String) -> SyrinxError {
        SyrinxError(
            "plugin.install.failed", "the package cannot be put there: \(reason)",
            fix: "check that the folder is writable and on a local file system", place: place)
    }
}
