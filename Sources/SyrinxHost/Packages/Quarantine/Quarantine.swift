// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc
package import SyrinxCore

/// Code that is not loaded any more, by the hash of its entry: `<state>/quarantine.json`.
///
/// The file is read at each question, so that what one process adds or lifts holds for all. Thread-safe; blocks for
/// file access.
package struct Quarantine: Sendable {
    /// The folder of the state.
    package let state: String
    /// Seconds since 1970.
    package var now: @Sendable () -> Int64 = { Int64(time(nil)) }

    private var path: String { "\(state)/quarantine.json" }
    /// Beyond it the oldest entry goes.
    static let maximumEntries = 1024
    private static let maximumBytes = 1 << 21

    /// Makes the folder when something is written.
    package init(state: String) { self.state = state }

    package func isQuarantined(_ hash: ContentHash) throws(SyrinxError) -> Bool { try entry(for: hash) != nil }

    /// - Throws: `plugin.quarantine.unreadable`.
    package func entry(for hash: ContentHash) throws(SyrinxError) -> QuarantineEntry? {
        try all().first { $0.hash == hash }
    }

    /// All entries, the newest first.
    /// - Throws: `plugin.quarantine.unreadable`.
    package func all() throws(SyrinxError) -> [QuarantineEntry] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let bytes: [UInt8]
        do {
            bytes = try GuardedFolder(state).read("quarantine.json", limit: Self.maximumBytes)
        } catch {
            throw Self.unreadable(error.message, error.place ?? path)
        }
        let json = try CheckedDocument.parse(bytes, by: Self.schema, file: path, maximumBytes: Self.maximumBytes) {
            SyrinxError("plugin.quarantine.unreadable", $0, fix: $1 ?? Self.help, place: $2)
        }
        return (json["entries"]?.array ?? []).compactMap(QuarantineEntry.init).sorted {
            ($1.since, $1.hash) < ($0.since, $0.hash)
        }
    }

    /// Puts code into quarantine, or counts it once more.
    /// - Throws: `plugin.quarantine.unreadable`, `file.not_writable`.
    package func add(_ hash: ContentHash, plugin: String, reason: String) throws(SyrinxError) {
        try change { entries in
            let count = entries.first { $0.hash == hash }?.count ?? 0
            entries.removeAll { $0.hash == hash }
            let entry = QuarantineEntry(
                hash: hash, plugin: plugin, reason: String(reason.prefix(500)), since: now(), count: count + 1)
            entries = Array(([entry] + entries).prefix(Self.maximumEntries))
        }
    }

    /// Lets code in again.
    /// - Parameter prefix: the first digits of its hash, with or without `sha256:`; at least 6.
    /// - Returns: what was lifted.
    /// - Throws: `plugin.quarantine.not_found` when nothing or more than one begins so.
    @discardableResult
    package func lift(_ prefix: String) throws(SyrinxError) -> QuarantineEntry {
        let digits = prefix.hasPrefix("sha256:") ? String(prefix.dropFirst(7)) : prefix
        var lifted: QuarantineEntry?
        try change { entries in
            let named = entries.filter { $0.hash.hex.hasPrefix(digits) }
            guard digits.utf8.count >= 6, named.count == 1 else { return }
            lifted = named[0]
            entries.removeAll { $0.hash == named[0].hash }
        }
        guard let lifted else {
            throw SyrinxError(
                "plugin.quarantine.not_found", "not exactly one entry begins with `\(prefix.prefix(80))`",
                fix: "`syrinx plugin quarantine list` shows the hashes; give at least 6 digits", place: path)
        }
        return lifted
    }

    /// One process at a time; the folder's lock goes with its descriptor.
    private func change(_ body: (inout [QuarantineEntry]) -> Void) throws(SyrinxError) {
        try makeFolder()
        let lock = Descriptor(open("\(state)/quarantine.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600))
        guard lock.isOpen, flock(lock.raw, LOCK_EX) == 0 else { throw unwritable(errno) }
        var entries = try all()
        let before = entries
        body(&entries)
        guard entries != before else { return }
        let lines = entries.map { "    \($0.json.text)" }.joined(separator: ",\n")
        try DurableFile.replace(path, with: "{\n  \"quarantine\": 1,\n  \"entries\": [\n\(lines)\n  ]\n}\n")
    }

    func makeFolder() throws(SyrinxError) {
        do {
            try FileManager.default.createDirectory(
                atPath: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            throw unwritable(EACCES)
        }
    }

    private func unwritable(_ code: Int32) -> SyrinxError {
        SyrinxError(
            "file.not_writable", "cannot be written: \(String(cString: strerror(code)))",
            fix: "choose a state folder that is yours", place: path)
    }

    private static func unreadable(_ message: String, _ place: String) -> SyrinxError {
        SyrinxError("plugin.quarantine.unreadable", message, fix: help, place: place)
    }

    private static let help = "mend the file, or remove it to begin with an empty quarantine"

    private static let schema = Result { () throws(SyrinxError) in
        try JSONSchema(
            parsing: #"""
                {"type": "object", "required": ["quarantine", "entries"], "additionalProperties": false,
                 "properties": {"quarantine": {"const": 1}, "entries": {"type": "array", "maxItems": 1024, "items": {
                   "type": "object", "required": ["hash", "plugin", "reason", "since", "count"],
                   "properties": {
                     "hash": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
                     "plugin": {"type": "string", "maxLength": 64}, "reason": {"type": "string", "maxLength": 600},
                     "since": {"type": "integer"}, "count": {"type": "integer", "minimum": 1}}}}}}
                """#)
    }
}
