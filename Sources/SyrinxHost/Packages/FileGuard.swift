// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SyrinxCore

/// Whose files are believed. Who could write a file could change what a plugin does, so that
///
/// - what anyone may write is refused, always;
/// - owner has to be root or the user of this process;
/// - what a group may write is refused when the owner is another (root); one's own group is one's own business.
package struct FileGuard: Sendable {
    /// Takes files of any owner: for packages that others unpacked. Writable by others stays refused.
    package var takesForeignOwners = false

    package init(takesForeignOwners: Bool = false) { self.takesForeignOwners = takesForeignOwners }

    static let maximumFiles = 4096
    static let maximumDepth = 8

    /// - Returns: the size in bytes, as the file system tells it.
    @discardableResult
    func check(_ file: borrowing Descriptor, expecting type: mode_t, _ place: String) throws(SyrinxError) -> Int {
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw Self.unopened(errno, isLink: false, place) }
        guard status.st_mode & S_IFMT == type else {
            throw SyrinxError(
                "plugin.package.not_regular",
                type == S_IFDIR ? "this is no folder" : "this is no regular file: a device, a FIFO or a socket",
                fix: "packages consist of files and folders", place: place)
        }
        let user = geteuid()
        guard takesForeignOwners || status.st_uid == 0 || status.st_uid == user else {
            throw SyrinxError(
                "plugin.package.foreign_owner",
                "it belongs to user \(status.st_uid), who could change it; the host runs as user \(user)",
                fix: "`chown -R \(user)` the folder, or run the host as its owner", place: place)
        }
        let groupMayNot = status.st_uid != user && status.st_mode & S_IWGRP != 0
        guard status.st_mode & S_IWOTH == 0, !groupMayNot else {
            throw SyrinxError(
                "plugin.package.writable_by_others", "others may write it, and so change what runs",
                fix: "`chmod -R go-w` the folder", place: place)
        }
        return Int(clamping: status.st_size)
    }

    static func unopened(_ code: Int32, isLink: Bool, _ place: String) -> SyrinxError {
        guard !isLink else {
            return SyrinxError(
                "plugin.package.symlink", "a symbolic link, which may point anywhere and elsewhere tomorrow",
                fix: "put the file itself there", place: place)
        }
        guard code != ENOENT else {
            return SyrinxError("plugin.package.missing_file", "there is no such file", place: place)
        }
        return SyrinxError(
            "plugin.package.unreadable", "cannot be read: \(String(cString: strerror(code)))", place: place)
    }

    static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    static func isLink(_ name: String, in folder: borrowing Descriptor) -> Bool {
        var status = stat()
        return fstatat(folder.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}

/// A file descriptor that is closed when it is no longer used.
struct Descriptor: ~Copyable {
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }

    deinit { if raw >= 0 { close(raw) } }

    var isOpen: Bool { raw >= 0 }

    var isFolder: Bool {
        var status = stat()
        return fstat(raw, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
