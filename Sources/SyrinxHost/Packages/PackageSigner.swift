// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Writes the hashes of a package's files into its manifest, and the manifest's signature beside it.
package enum PackageSigner {
    /// Signs the package of a folder; what was signed before is signed anew.
    /// - Returns: the files that the signature now covers, with their hashes.
    /// - Throws: `plugin.manifest.invalid`, `plugin.package.*`, `file.not_writable`.
    @discardableResult
    package static func sign(
        folder path: String, with key: SigningKey, guarding: FileGuard = FileGuard()
    ) throws(SyrinxError) -> [String: ContentHash] {
        let folder = try GuardedFolder(path, guarding: guarding)
        let place = "\(path)/\(PluginManifest.fileName)"
        let bytes = try folder.read(PluginManifest.fileName, limit: PluginManifest.maximumBytes)
        // What the folder held when it was last signed does not matter: it is listed anew.
        guard case .object(var members) = try parse(bytes, place) else { throw unsignable(place) }
        var files: [String: ContentHash] = [:]
        let own: Set = [PluginManifest.fileName, PackageSignature.fileName]
        for name in try folder.list() where !own.contains(name) {
            files[name] = try folder.hash(name, limit: PackageContents.maximumFileBytes)
        }
        members["files"] = .object(files.mapValues { .string("\($0)") })
        let text = ManifestText.text(members)
        // Names that no manifest can list are found here, before anything is written.
        let manifest = try PluginManifest(parsing: text, file: place)
        guard files[manifest.entry] != nil else {
            throw SyrinxError(
                "plugin.package.missing_file", "there is no such file", place: "\(path)/\(manifest.entry)")
        }
        guard let signature = PackageSignature(of: Array(text.utf8), by: key) else { throw unsignable(place) }
        try DurableFile.replace(place, with: text)
        try DurableFile.replace("\(path)/\(PackageSignature.fileName)", with: signature.text)
        return files
    }

    private static func parse(_ bytes: [UInt8], _ place: String) throws(SyrinxError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw SyrinxError("plugin.manifest.invalid", error.message, place: "\(place):\(error.place ?? "1:1")")
        }
    }

    private static func unsignable(_ place: String) -> SyrinxError {
        SyrinxError("plugin.manifest.invalid", "the manifest is no JSON object", place: place)
    }
}

/// A manifest as people write it: a key a line, in the order of the documentation.
private enum ManifestText {
    private static let order = [
        "$schema", "id", "version", "abi", "entry", "name", "description", "license", "provides", "permissions", "mode",
        "language", "toolchain", "sdk",
    ]

    static func text(_ members: [String: JSONValue]) -> String {
        let known = order.filter { members[$0] != nil }
        let rest = members.keys.filter { !order.contains($0) && $0 != "files" }.sorted()
        var lines = (known + rest).map { "  \(JSONValue.string($0).text): \((members[$0] ?? .null).text)" }
        let files = (members["files"]?.object ?? [:]).sorted { $0.key < $1.key }.map {
            "    \(JSONValue.string($0).text): \($1.text)"
        }
        lines.append("  \"files\": {\n\(files.joined(separator: ",\n"))\n  }")
        return "{\n\(lines.joined(separator: ",\n"))\n}\n"
    }
}
