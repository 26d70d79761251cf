// SPDX-License-Identifier: Apache-2.0

internal import Foundation

extension PluginProject {
    /// What the sources looked like at one moment. Comparing two tells whether to build again.
    package struct Snapshot: Equatable, Sendable {
        fileprivate var files: [String: FileState] = [:]
    }

    fileprivate struct FileState: Equatable, Sendable {
        var modified: Date?
        var size: Int?
    }

    /// What a build writes, and no source.
    private static let products: Set<String> = ["out", "build", "target"]
    /// A folder with more files is no plugin's project; the rest is not watched.
    private static let limit = 10_000

    package func snapshot() -> Snapshot {
        var snapshot = Snapshot()
        let root = URL(fileURLWithPath: folder)
        let entries = FileManager.default.enumerator(
            at: root, includingPropertiesForKeys: [.contentModificationDateKey, .fileSizeKey, .isDirectoryKey],
            options: [.skipsHiddenFiles])
        while let entry = entries?.nextObject() as? URL, snapshot.files.count < Self.limit {
            let values = try? entry.resourceValues(
                forKeys: [.contentModificationDateKey, .fileSizeKey, .isDirectoryKey])
            if values?.isDirectory == true {
                if Self.products.contains(entry.lastPathComponent) { entries?.skipDescendants() }
            } else if entry.lastPathComponent != "Cargo.lock", entry.lastPathComponent != "Package.resolved" {
                snapshot.files[entry.path] = FileState(
                    modified: values?.contentModificationDate, size: values?.fileSize)
            }
        }
        return snapshot
    }
}
