// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc
package import SyrinxCore

/// A folder of verified files by their content: `<root>/sha256/<hh>/<hash>/plugin.so`, mode 0555.
///
/// A path of the store means the same bytes for ever, so that a loaded file is never changed underneath its process and
/// two versions have two paths. The folder is the operator's: nobody else may write it.
package struct ContentStore: Sendable {
    package let root: String

    /// Makes the folder if it is not there.
    /// - Throws: `plugin.store.unusable`.
    package init(root: String) throws(SyrinxError) {
        self.root = root
        do {
            try FileManager.default.createDirectory(
                atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            // What is there already is judged below.
        }
        _ = try Self.folder(Descriptor(open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), root)
    }

    /// The path under which the loader finds exactly these bytes. What is there already is read and compared first.
    /// - Throws: `plugin.store.unusable`, `plugin.store.write_failed`.
    package func path(of bytes: [UInt8], hash: ContentHash, name: String) throws(SyrinxError) -> String {
        var place = root
        var folder = try Self.folder(Descriptor(open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), root)
        for part in ["sha256", String(hash.hex.prefix(2)), hash.hex] {
            place += "/\(part)"
            if mkdirat(folder.raw, part, 0o755) != 0, errno != EEXIST { throw Self.unusable(place, errno) }
            folder = try Self.folder(
                Descriptor(openat(folder.raw, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), place)
        }
        let path = "\(place)/\(name)"
        // The guard's own words would speak of a package; whatever is wrong with the file, it is written anew.
        if let known = try? GuardedFolder(place).hash(name, limit: bytes.count), known == hash { return path }
        try Self.write(bytes, name, in: folder, path)
        return path
    }

    private static func write(
        _ bytes: [UInt8], _ name: String, in folder: borrowing Descriptor, _ path: String
    ) throws(SyrinxError) {
        let draft = ".\(name).\(UInt64.random(in: .min ... .max))"
        let file = Descriptor(
            openat(folder.raw, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
        guard file.isOpen else { throw failed(path, errno) }
        // Renamed into place, complete: a reader sees the old file or the new one, and what was loaded keeps its bytes.
        let isWritten =
            DurableFile.write(bytes, to: file) && fchmod(file.raw, 0o555) == 0 && fsync(file.raw) == 0
            && renameat(folder.raw, draft, folder.raw, name) == 0
        guard isWritten else {
            let code = errno
            unlinkat(folder.raw, draft, 0)
            throw failed(path, code)
        }
    }

    private static func folder(_ descriptor: consuming Descriptor, _ place: String) throws(SyrinxError) -> Descriptor {
        guard descriptor.isOpen else { throw unusable(place, errno) }
        do {
            try FileGuard().check(descriptor, expecting: S_IFDIR, place)
        } catch {
            throw SyrinxError("plugin.store.unusable", error.message, fix: error.fix, place: place)
        }
        return descriptor
    }

    private static func unusable(_ place: String, _ code: Int32) -> SyrinxError {
        SyrinxError(
            "plugin.store.unusable", "the store cannot be used: \(String(cString: strerror(code)))",
            fix: "name a folder that the host may write, and only the host", place: place)
    }

    private static func failed(_ place: String, _ code: Int32) -> SyrinxError {
        SyrinxError(
            "plugin.store.write_failed", "cannot be written: \(String(cString: strerror(code)))",
            fix: "make room, or name another store folder", place: place)
    }
}
