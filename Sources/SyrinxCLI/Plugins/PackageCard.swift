// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore
package import SyrinxHost

/// What `syrinx plugin verify` shows.
package struct PackageCard {
    private let package: VerifiedPackage

    package init(_ package: VerifiedPackage) { self.package = package }

    package var json: JSONValue {
        [
            "trust": .string(package.trust.level.rawValue), "key": package.trust.keyID.map(JSONValue.string) ?? .null,
            "note": package.trust.note.map(JSONValue.string) ?? .null, "id": .string(package.manifest.id),
            "version": .string("\(package.manifest.version)"), "folder": .string(package.folder),
            "entry_hash": .string("\(package.entryHash)"), "in_process": .bool(package.runsInProcess),
            "permissions": permissions, "needed": .array(package.needed.map(JSONValue.string)),
            "files": .object(package.files.mapValues { .string("\($0)") }),
            "warnings": .array(package.warnings.map { .string("\($0.code): \($0.message)") }),
        ]
    }

    /// What is shown of a package that is refused.
    package static func json(refused error: SyrinxError, folder: String) -> JSONValue {
        [
            "trust": .string(PackageTrust.level(of: error).rawValue), "folder": .string(folder),
            "code": .string(error.code), "reason": .string(error.message),
            "place": error.place.map(JSONValue.string) ?? .null, "fix": error.fix.map(JSONValue.string) ?? .null,
        ]
    }

    package var text: String {
        let trust = package.trust
        let permissions = package.permissions.summary
        let facts = [
            (
                "trust",
                [trust.level.rawValue, trust.keyID.map { "key \($0)" }, trust.note].compactMap { $0 }
                    .joined(separator: ", ")
            ),
            ("plugin", "\(package.manifest.id) \(package.manifest.version)"),
            ("runs", package.runsInProcess ? "in the server's process" : "in a helper process"),
            ("code", package.entryHash.hex),
            ("needs", package.needed.isEmpty ? "no library" : package.needed.joined(separator: ", ")),
            ("may", permissions.isEmpty ? "nothing but compute" : permissions),
            ("files", "\(package.files.count) checked"),
        ]
        let lines = facts.map { name, value in name.padded(to: 8) + value }
        return (lines + package.warnings.map { "warning: \($0.code): \($0.message)" }).joined(separator: "\n")
    }

    private var permissions: JSONValue {
        let asked = package.permissions
        return [
            "net": .array(asked.net.map(JSONValue.string)), "secrets": .array(asked.secrets.map(JSONValue.string)),
            "run": .bool(asked.run), "sockets": .bool(asked.sockets), "fs": asked.readsData ? "data" : .null,
            "memory_mb": asked.memoryMB.map { .int(Int64($0)) } ?? .null,
            "threads": asked.threads.map { .int(Int64($0)) } ?? .null,
        ]
    }
}
