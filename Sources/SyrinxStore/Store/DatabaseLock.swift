// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxCore

/// Who has the database: one process, or several that have agreed to share it for a while. One that knows nothing of
/// another would take its live sessions for crashed. The kernel lets go of the locks when a process dies.
final class DatabaseLock: Sendable {
    private let path: String
    private let run: String
    private let isShared: Bool
    private let file: Int32
    /// Tells the others that this run lives; -1 where there are none.
    private let runFile: Int32

    /// - Throws: `store.in_use`, `store.unavailable`.
    init(_ path: String, run: String, isShared: Bool) throws {
        (self.path, self.run, self.isShared) = (path, run, isShared)
        StoreFile.makeFolder((path as NSString).deletingLastPathComponent)
        file = try Self.open(path + ".lock")
        guard flock(file, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            Glibc.close(file)
            throw SyrinxError(
                "store.in_use", "another server has this database of records open", fix: "give each server its own",
                place: path)
        }
        guard isShared else {
            runFile = -1
            return
        }
        do {
            runFile = try Self.open(Self.name(path, run))
        } catch {
            Glibc.close(file)
            throw error
        }
        _ = flock(runFile, LOCK_EX | LOCK_NB)
    }

    deinit {
        release()
        if runFile >= 0 { Glibc.close(runFile) }
        Glibc.close(file)
    }

    /// Lets go at once: closing alone would wait for a child process that is about to become another program.
    func release() {
        if runFile >= 0 {
            unlink(Self.name(path, run))
            _ = flock(runFile, LOCK_UN)
        }
        _ = flock(file, LOCK_UN)
    }

    /// Whether the process of another run lives and shares the database.
    func isAlive(_ other: String) -> Bool {
        guard isShared, other != run, RecordID.isValid(other) else { return false }
        let name = Self.name(path, other)
        let file = Glibc.open(name, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { Glibc.close(file) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else { return true }
        unlink(name)
        return false
    }

    /// Whether nobody else has the database right now, so that its file may be replaced.
    var isAlone: Bool {
        guard isShared else { return true }
        defer { _ = flock(file, LOCK_SH | LOCK_NB) }
        return flock(file, LOCK_EX | LOCK_NB) == 0
    }

    private static func name(_ path: String, _ run: String) -> String { "\(path).run-\(run)" }

    private static func open(_ name: String) throws -> Int32 {
        let file = Glibc.open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreFault.unavailable(name, String(cString: strerror(errno))) }
        return file
    }
}
