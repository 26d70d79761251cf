// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc
package import SyrinxCore

/// "I am about to load this": a file that is there while code is loaded into this process for the first time. A start
/// that finds one whose process is gone knows which code has killed it.
///
/// The process holds a lock on its file, which the kernel lets go when the process dies, however it does; a number that
/// another process has got since cannot deceive it.
package struct LoadSentinel: ~Copyable {
    private let path: String
    private let file: Descriptor

    /// Call before `dlopen`, `finish` after.
    /// - Throws: `file.not_writable`.
    package init(_ hash: ContentHash, plugin: String, quarantine: Quarantine) throws(SyrinxError) {
        try quarantine.makeFolder()
        let folder = Self.folder(quarantine)
        mkdir(folder, 0o755)
        let path = "\(folder)/\(hash.hex).\(getpid()).\(UInt64.random(in: .min ... .max))"
        let file = Descriptor(open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
        let text: JSONValue = ["hash": .string("\(hash)"), "plugin": .string(plugin)]
        // Locked before it says anything: another process takes an empty file for one that has just begun.
        guard file.isOpen, flock(file.raw, LOCK_EX) == 0, DurableFile.write(Array(text.text.utf8), to: file),
            fsync(file.raw) == 0
        else {
            throw SyrinxError(
                "file.not_writable", "cannot be written: \(String(cString: strerror(errno)))",
                fix: "choose a state folder that is yours", place: path)
        }
        self.path = path
        self.file = file
    }

    /// Whoever comes here has survived.
    deinit { unlink(path) }

    /// The code is loaded, or refused without harm.
    package consuming func finish() {}

    /// What earlier processes were loading when they died goes into quarantine. Call once, at the start.
    /// - Returns: the entries that were added.
    /// - Throws: `plugin.quarantine.unreadable`, `file.not_writable`.
    @discardableResult
    package static func sweep(_ quarantine: Quarantine) throws(SyrinxError) -> [QuarantineEntry] {
        let folder = folder(quarantine)
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        var found: [QuarantineEntry] = []
        for name in names.prefix(maximumFiles) {
            guard let (hash, plugin) = orphan("\(folder)/\(name)") else { continue }
            try quarantine.add(hash, plugin: plugin, reason: "the host died while it was loading it")
            unlink("\(folder)/\(name)")
            if let entry = try quarantine.entry(for: hash) { found.append(entry) }
        }
        return found
    }

    /// What a sentinel says, if nobody holds it any more.
    private static func orphan(_ path: String) -> (ContentHash, String)? {
        let file = Descriptor(open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC))
        guard file.isOpen, flock(file.raw, LOCK_EX | LOCK_NB) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { read(file.raw, $0.baseAddress, $0.count) }
        guard count > 0, let json = try? JSONValue(parsing: bytes.prefix(count)),
            let hash = json["hash"]?.string.flatMap({ ContentHash($0) })
        else { return nil }
        return (hash, String((json["plugin"]?.string ?? "").prefix(64)))
    }

    private static func folder(_ quarantine: Quarantine) -> String { "\(quarantine.state)/loading" }

    private static let maximumFiles = 1024
}
