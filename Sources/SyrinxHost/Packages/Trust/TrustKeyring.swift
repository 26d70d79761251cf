// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc
package import SyrinxCore

/// The keys that the operator trusts, by id.
package struct TrustKeyring: Hashable, Sendable {
    private var keys: [String: TrustKey] = [:]

    package init(_ keys: [TrustKey] = []) {
        for key in keys { add(key) }
    }

    /// Reads key files, and of folders every `*.pub.json`. They are believed, so others must not be able to write them.
    /// - Throws: `plugin.trust.key_invalid`, `plugin.package.*`.
    package init(paths: [String], guarding: FileGuard = FileGuard()) throws(SyrinxError) {
        for path in paths {
            var status = stat()
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                let folder = try GuardedFolder(path, guarding: guarding)
                for name in try folder.list() where name.hasSuffix(TrustKeyFile.publicSuffix) {
                    try add(name, of: folder)
                }
            } else {
                let file = URL(fileURLWithPath: path)
                let folder = try GuardedFolder(file.deletingLastPathComponent().path, guarding: guarding)
                try add(file.lastPathComponent, of: folder)
            }
        }
    }

    package subscript(id: String) -> TrustKey? { keys[id] }

    package var isEmpty: Bool { keys.isEmpty }

    /// All keys, by id.
    package var all: [TrustKey] { keys.values.sorted { $0.id < $1.id } }

    private mutating func add(_ key: TrustKey) {
        keys[key.id] = keys[key.id].map { $0.combined(with: key) } ?? key
    }

    private mutating func add(_ name: String, of folder: borrowing GuardedFolder) throws(SyrinxError) {
        let bytes = try folder.read(name, limit: TrustKeyFile.maximumBytes)
        add(try TrustKeyFile.parse(bytes, file: "\(folder.path)/\(name)"))
    }
}
