// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import SyrinxCore

/// `plugins.lock`: the packages that the operator has accepted, by the hash of every file.
package struct PluginLock: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var id: String
        package var version: SemanticVersion
        /// `core`, `signed` or `unsigned`.
        package var trust: PackageTrust.Level
        /// Every file of the package, `plugin.json` included.
        package var files: [String: ContentHash]

        /// What a verified package is locked as.
        /// - Parameter package: examined with `everything`, so that all of its files have a hash.
        package init(_ package: VerifiedPackage, trust: PackageTrust.Level) {
            self.init(id: package.manifest.id, version: package.manifest.version, trust: trust, files: package.files)
        }

        init(id: String, version: SemanticVersion, trust: PackageTrust.Level, files: [String: ContentHash]) {
            self.id = id
            self.version = version
            self.trust = trust
            self.files = files
        }
    }

    package var entries: [Entry]

    package static let fileName = "plugins.lock"
    static let maximumBytes = 1 << 24

    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// - Throws: `plugin.trust.lock_invalid`.
    package init(parsing bytes: [UInt8], file: String) throws(SyrinxError) {
        let json = try CheckedDocument.parse(bytes, by: Self.schema, file: file, maximumBytes: Self.maximumBytes) {
            SyrinxError("plugin.trust.lock_invalid", $0, fix: $1 ?? Self.help, place: $2)
        }
        entries = []
        for (index, item) in (json["plugins"]?.array ?? []).enumerated() {
            guard let entry = Self.entry(item) else {
                throw Self.invalid("the entry has an impossible version or hash", "\(file):$.plugins[\(index)]")
            }
            guard self[entry.id, entry.version] == nil else {
                throw Self.invalid("`\(entry.id)@\(entry.version)` stands there twice", "\(file):$.plugins[\(index)]")
            }
            entries.append(entry)
        }
    }

    /// Reads a lock file, which others must not be able to write.
    /// - Throws: `plugin.trust.lock_invalid`, `plugin.package.*`.
    package init(contentsOf path: String, guarding: FileGuard = FileGuard()) throws(SyrinxError) {
        let (folder, name) = PathParts.split(path)
        let bytes = try GuardedFolder(folder, guarding: guarding).read(name, limit: Self.maximumBytes)
        try self.init(parsing: bytes, file: path)
    }

    /// The lock that holds for a plugin's folder: in the folder that holds it; nil without one.
    /// - Throws: `plugin.trust.lock_invalid`, `plugin.package.*`.
    package init?(besides package: String, guarding: FileGuard = FileGuard()) throws(SyrinxError) {
        let path = "\(PathParts.split(PathParts.absolute(package)).folder)/\(Self.fileName)"
        guard access(path, F_OK) == 0 else { return nil }
        try self.init(contentsOf: path, guarding: guarding)
    }

    /// Locks every package of a folder, or the one package that the folder is.
    /// - Parameter isCore: calls all of them core; else they are what their signatures make them.
    /// - Throws: what refuses any of them, `plugin.folder.missing`.
    package init(locking folder: String, isCore: Bool, verifier: PackageVerifier) throws(SyrinxError) {
        entries = []
        for path in try Self.isPackage(folder) ? [folder] : try PluginFolder.scan(folder).map(\.path) {
            let package = try verifier.examine(folder: path, everything: true)
            guard self[package.manifest.id, package.manifest.version] == nil else {
                throw SyrinxError(
                    "plugin.duplicate_id",
                    "another folder holds `\(package.manifest.id)@\(package.manifest.version)`, too",
                    fix: "remove one of the two folders, or give one another version", place: path)
            }
            entries.append(Entry(package, trust: isCore ? .core : package.trust.level))
        }
    }

    /// The same with another lock's entries, which take the place of those of the same id and version.
    package func replacing(with other: PluginLock) -> PluginLock {
        PluginLock(entries.filter { other[$0.id, $0.version] == nil } + other.entries)
    }

    /// Where the lock of a folder is looked for: in the folder that holds the plugins' folders.
    /// - Parameter folder: that folder, or one plugin's.
    /// - Throws: `plugin.package.*`.
    package static func home(of folder: String) throws(SyrinxError) -> String {
        try isPackage(folder) ? PathParts.split(PathParts.absolute(folder)).folder : folder
    }

    /// - Throws: `plugin.package.*`.
    package static func isPackage(_ folder: String) throws(SyrinxError) -> Bool {
        try GuardedFolder(folder).has(PluginManifest.fileName)
    }

    /// Writes the file, whole or not at all.
    /// - Throws: `file.not_writable`.
    package func write(to path: String) throws(SyrinxError) { try DurableFile.replace(path, with: text) }

    package subscript(id: String, version: SemanticVersion) -> Entry? {
        entries.first { $0.id == id && $0.version == version }
    }

    /// The file's text: sorted and a line a hash, so that a difference can be read.
    package var text: String {
        let plugins = entries.sorted { ($0.id, $0.version) < ($1.id, $1.version) }.map { entry in
            let files = entry.files.sorted { $0.key < $1.key }.map { path, hash in
                "      \(JSONValue.string(path).text): \(JSONValue.string("\(hash)").text)"
            }
            let head = [
                ("id", entry.id), ("version", "\(entry.version)"), ("trust", entry.trust.rawValue),
            ].map { "\"\($0)\": \(JSONValue.string($1).text)" }.joined(separator: ", ")
            return "    {\(head), \"files\": {\n\(files.joined(separator: ",\n"))}}"
        }
        return "{\n  \"lock\": 1,\n  \"plugins\": [\n\(plugins.joined(separator: ",\n"))\n  ]\n}\n"
    }

    private static func entry(_ json: JSONValue) -> Entry? {
        guard let id = json["id"]?.string, let version = json["version"]?.string.flatMap({ SemanticVersion($0) }),
            let trust = json["trust"]?.string.flatMap(PackageTrust.Level.init(rawValue:)),
            let members = json["files"]?.object
        else { return nil }
        var files: [String: ContentHash] = [:]
        for (path, value) in members {
            guard let hash = value.string.flatMap({ ContentHash($0) }) else { return nil }
            files[path] = hash
        }
        return Entry(id: id, version: version, trust: trust, files: files)
    }

    private static func invalid(_ message: String, _ place: String) -> SyrinxError {
        SyrinxError("plugin.trust.lock_invalid", message, fix: help, place: place)
    }

    private static let help = "`syrinx plugin lock` writes it"

    private static let schema = Result { () throws(SyrinxError) in
        try JSONSchema(
            parsing: #"""
                {"type": "object", "required": ["lock", "plugins"], "additionalProperties": false,
                 "properties": {"lock": {"const": 1}, "plugins": {"type": "array", "maxItems": 1024, "items": {
                   "type": "object", "required": ["id", "version", "trust", "files"], "additionalProperties": false,
                   "properties": {
                     "id": {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"},
                     "version": {"type": "string", "maxLength": 128},
                     "trust": {"enum": ["core", "signed", "unsigned"]},
                     "files": {"type": "object", "required": ["plugin.json"],
                       "additionalProperties": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}}}}}}}
                """#)
    }
}
