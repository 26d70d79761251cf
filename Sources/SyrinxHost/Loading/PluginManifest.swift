// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// `plugin.json`: what a plugin's folder says about itself before any of its code runs.
package struct PluginManifest: Hashable, Sendable {
    package struct Provided: Hashable, Sendable {
        package var kind: PluginKind
        package var id: String
    }

    /// How a plugin wishes to be loaded.
    package enum Mode: String, Hashable, Sendable { case inproc, isolated }

    package var id: String
    package var version: SemanticVersion
    /// `major.minor` of the ABI that it was built for.
    package var abiMajor: Int
    package var abiMinor: Int
    /// File name of the shared object, or of the binding, inside the folder.
    package var entry: String
    package var name: String
    package var about: String
    package var license: String
    package var provides: [Provided]
    /// Hash of each listed file by its path inside the folder; nil when the manifest lists none.
    package var files: [String: ContentHash]?
    package var permissions: PluginPermissions
    /// What the plugin wishes; trust decides.
    package var mode: Mode?
    package var language: String?
    package var toolchain: String?
    package var sdk: String?

    /// A C library bound by its description, without code of its own.
    package var isBound: Bool { entry == Self.bindingFile }

    /// The entry of a bound package.
    package static let bindingFile = "bind.json"
    package static let fileName = "plugin.json"
    package static let maximumBytes = 1 << 20

    /// - Throws: `plugin.manifest.invalid` with the place, `<file>:$.path`.
    package init(parsing text: some StringProtocol, file: String) throws(SyrinxError) {
        try self.init(parsing: Array(text.utf8), file: file)
    }

    /// The same from the bytes of a file.
    package init(parsing bytes: [UInt8], file: String) throws(SyrinxError) {
        let json = try CheckedDocument.parse(
            bytes, by: ManifestSchema.schema, file: file, maximumBytes: Self.maximumBytes
        ) { SyrinxError("plugin.manifest.invalid", $0, fix: $1 ?? Self.help, place: $2) }
        let reader = Reader(json: json, file: file)
        id = try reader.text("id")
        version = try reader.version("version")
        (abiMajor, abiMinor) = try reader.abi("abi")
        entry = try reader.text("entry")
        name = json["name"]?.string ?? id
        about = json["description"]?.string ?? ""
        license = json["license"]?.string ?? ""
        provides = try reader.provided()
        files = try reader.files()
        permissions = json["permissions"].map(PluginPermissions.init) ?? .none
        mode = json["mode"]?.string.flatMap(Mode.init(rawValue:))
        language = json["language"]?.string
        toolchain = json["toolchain"]?.string
        sdk = json["sdk"]?.string
    }

    private static let help = "see docs/PACKAGES.md for the manifest"

    /// Turns values that the schema has accepted into types.
    private struct Reader {
        let json: JSONValue
        let file: String

        func text(_ key: String) throws(SyrinxError) -> String {
            guard let value = json[key]?.string else { throw invalid(key, "must be a text") }
            return value
        }

        func version(_ key: String) throws(SyrinxError) -> SemanticVersion {
            guard let version = SemanticVersion(try text(key)) else { throw invalid(key, "is not a semantic version") }
            return version
        }

        func abi(_ key: String) throws(SyrinxError) -> (Int, Int) {
            let numbers = try text(key).split(separator: ".").map { Int($0) }
            guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else {
                throw invalid(key, "is not MAJOR.MINOR")
            }
            return (major, minor)
        }

        func provided() throws(SyrinxError) -> [Provided] {
            var provided: [Provided] = []
            for (index, item) in (json["provides"]?.array ?? []).enumerated() {
                guard let kind = item["kind"]?.string.flatMap(PluginKind.init(name:)), let id = item["id"]?.string
                else { throw invalid("provides[\(index)]", "must be a kind and an id") }
                provided.append(Provided(kind: kind, id: id))
            }
            return provided
        }

        func files() throws(SyrinxError) -> [String: ContentHash]? {
            guard let members = json["files"]?.object else { return nil }
            var files: [String: ContentHash] = [:]
            for (path, value) in members {
                guard let hash = value.string.flatMap({ ContentHash($0) }) else {
                    throw invalid("files", "has a value that is no hash")
                }
                guard path != PluginManifest.fileName, path != PackageSignature.fileName else {
                    throw invalid("files", "cannot list `\(path)`: the signature covers it, or is it")
                }
                files[path] = hash
            }
            return files
        }

        func invalid(_ path: String, _ message: String) -> SyrinxError {
            SyrinxError(
                "plugin.manifest.invalid", "`\(path)` \(message)", fix: PluginManifest.help, place: "\(file):$.\(path)")
        }
    }
}
