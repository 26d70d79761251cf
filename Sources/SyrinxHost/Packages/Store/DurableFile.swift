// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SyrinxCore

/// Small files that are written whole or not at all.
enum DurableFile {
    /// Writes a file beside its name and renames it into place.
    /// - Throws: `file.not_writable`.
    static func replace(_ path: String, with text: String, mode: mode_t = 0o644) throws(SyrinxError) {
        let draft = "\(path).\(UInt64.random(in: .min ... .max)).tmp"
        let file = Descriptor(open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode))
        guard file.isOpen, write(Array(text.utf8), to: file), fsync(file.raw) == 0, rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw SyrinxError(
                "file.not_writable", "cannot be written: \(String(cString: strerror(code)))",
                fix: "choose a folder that exists and is yours", place: path)
        }
    }

    /// Writes a file that does not exist yet.
    /// - Throws: `file.not_writable`, also when it exists.
    static func create(_ path: String, with text: String, mode: mode_t) throws(SyrinxError) {
        let file = Descriptor(open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode))
        guard file.isOpen, write(Array(text.utf8), to: file), fsync(file.raw) == 0 else {
            let code = errno
            if file.isOpen { unlink(path) }
            throw SyrinxError(
                "file.not_writable", "cannot be written: \(String(cString: strerror(code)))",
                fix: "choose a folder that exists and is yours, and a name that is free", place: path)
        }
    }

    /// Writes everything; false with `errno` on failure.
    static func write(_ bytes: [UInt8], to file: borrowing Descriptor) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file.raw, $0.baseAddress?.advanced(by: done), $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}
