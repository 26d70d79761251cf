// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// `plugin.json`: what a plugin's folder says about itself before any of its code runs.
package struct PluginManifest: Hashable, Sendable {
    package struct Provided: Hashable, Sendable {
        package var kind: PluginKind
        package var id: String
    }

    package var id: String
    package var version: SemanticVersion
    /// `major.minor` of the ABI that it was built for.
    package var abiMajor: Int
    package var abiMinor: Int
    /// File name of the shared object inside the folder.
    package var entry: String
    package var name: String
    package var about: String
    package var license: String
    package var provides: [Provided]

    /// - Throws: `plugin.manifest.invalid` with the place, `<file>:$.path`.
    package init(parsing text: String, file: String) throws(SyrinxError) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: text)
        } catch {
            throw Self.invalid(error.message, at: "\(file):\(error.place ?? "1:1")")
        }
        let reader = Reader(json: json, file: file)
        id = try reader.identifier("id")
        version = try reader.version("version")
        (abiMajor, abiMinor) = try reader.abi("abi")
        entry = try reader.entry("entry")
        name = reader.text("name") ?? id
        about = reader.text("description") ?? ""
        license = reader.text("license") ?? ""
        provides = try reader.provided()
    }

    private static func invalid(_ message: String, at place: String) -> SyrinxError {
        SyrinxError("plugin.manifest.invalid", message, fix: "see docs/PLUGINS.md for the manifest", place: place)
    }

    private struct Reader {
        let json: JSONValue
        let file: String

        func text(_ key: String) -> String? { json[key]?.string }

        func required(_ key: String) throws(SyrinxError) -> String {
            guard let value = text(key), !value.isEmpty else { throw invalid(key, "must be a text") }
            return value
        }

        func identifier(_ key: String) throws(SyrinxError) -> String {
            let value = try required(key)
            guard PluginIdentifier.isValid(value) else {
                throw invalid(key, "`\(value)` is not an id: lower-case letters, digits, `-` and `_`, at most 64")
            }
            return value
        }

        func version(_ key: String) throws(SyrinxError) -> SemanticVersion {
            let value = try required(key)
            guard let version = SemanticVersion(value) else {
                throw invalid(key, "`\(value)` is not a semantic version")
            }
            return version
        }

        func abi(_ key: String) throws(SyrinxError) -> (Int, Int) {
            let value = try required(key)
            let numbers = value.split(separator: ".").map { Int($0) }
            guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else {
                throw invalid(key, "`\(value)` is not MAJOR.MINOR")
            }
            return (major, minor)
        }

        /// A plain file name: a manifest must not reach outside its folder.
        func entry(_ key: String) throws(SyrinxError) -> String {
            let value = try required(key)
            guard !value.contains("/"), value != ".." else { throw invalid(key, "must be a file name without folders") }
            return value
        }

        func provided() throws(SyrinxError) -> [Provided] {
            guard let list = json["provides"]?.array, !list.isEmpty else {
                throw invalid("provides", "must list at least one {\"kind\", \"id\"}")
            }
            var provided: [Provided] = []
            for (index, item) in list.enumerated() {
                guard let kind = item["kind"]?.string.flatMap(PluginKind.init(name:)) else {
                    throw invalid("provides[\(index)].kind", "must be one of \(PluginKind.names)")
                }
                guard let id = item["id"]?.string, PluginIdentifier.isValid(id) else {
                    throw invalid("provides[\(index)].id", "must be an id")
                }
                provided.append(Provided(kind: kind, id: id))
            }
            return provided
        }

        func invalid(_ path: String, _ message: String) -> SyrinxError {
            PluginManifest.invalid(message, at: "\(file):$.\(path)")
        }
    }
}
