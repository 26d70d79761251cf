// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
internal import Synchronization
internal import SyrinxCore

/// The database's file and the connections to it. Its lock file says that one process at a time has it: a second one
/// would take the first one's live sessions for crashed. The kernel lets go of the lock when a process dies.
final class StoreFile: Sendable {
    let path: String
    private let maximumBytes: Int64
    private let lock: Int32
    private let current: Mutex<State>

    private enum State {
        case open(DatabasePool)
        /// Set aside, or about to be, without a new one.
        case lost
        case closed
    }

    /// Opens or makes the database; a damaged one is set aside first, and `setAside` is told its new name.
    init(path: String, maximumBytes: Int64, setAside: (String) -> Void) throws {
        self.path = path
        self.maximumBytes = maximumBytes
        let lock = try Self.takeLock(path)
        self.lock = lock
        do {
            current = Mutex(.open(try Self.openSound(path, maximumBytes, setAside)))
        } catch {
            Glibc.close(lock)
            throw error
        }
    }

    deinit { Glibc.close(lock) }

    var pool: DatabasePool {
        get throws {
            switch current.withLock({ $0 }) {
            case .open(let pool): return pool
            case .lost: throw StoreFault.unavailable(path, "a damaged one could not be set aside")
            case .closed: throw StoreFault.unavailable(path, "it was closed")
            }
        }
    }

    /// Whether ``replace()`` failed half-way and is to be tried again.
    var isLost: Bool {
        if case .lost = current.withLock({ $0 }) { true } else { false }
    }

    /// Sets a damaged database aside while in use, and begins a new one.
    /// - Returns: what the old one is called now; nil when an earlier attempt had moved it already.
    func replace() throws -> String? {
        try? pool.close()
        current.withLock { $0 = .lost }
        let name = FileManager.default.fileExists(atPath: path) ? try Self.moveAside(path) : nil
        let fresh = try Self.open(path, maximumBytes)
        current.withLock { $0 = .open(fresh) }
        return name
    }

    func close() throws {
        defer { current.withLock { $0 = .closed } }
        try pool.close()
    }

    private static func openSound(
        _ path: String, _ maximumBytes: Int64, _ setAside: (String) -> Void
    ) throws -> DatabasePool {
        do {
            return try open(path, maximumBytes)
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            setAside(try moveAside(path))
            return try open(path, maximumBytes)
        }
    }

    private static func open(_ path: String, _ maximumBytes: Int64) throws -> DatabasePool {
        try makeFile(path)
        var configuration = Configuration()
        configuration.label = "syrinx.store"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { try prepare($0, maximumBytes) }
        let pool = try DatabasePool(path: path, configuration: configuration)
        let migrator = StoreSchema.migrator
        guard try !pool.read(migrator.hasBeenSuperseded) else {
            throw SyrinxError(
                "store.newer", "a newer version of the server made this database of records",
                fix: "use that version, or another file", place: path)
        }
        try migrator.migrate(pool)
        try checkIfUnclean(pool)
        return pool
    }

    private static func prepare(_ db: Database, _ maximumBytes: Int64) throws {
        guard !db.configuration.readonly else { return }
        try db.execute(sql: "PRAGMA secure_delete = ON")
        guard maximumBytes > 0 else { return }
        let page = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        try db.execute(sql: "PRAGMA max_page_count = \(max(64, maximumBytes / max(512, page)))")
    }

    /// After a crash the pages are looked through: damage is found now and not in the middle of a day.
    private static func checkIfUnclean(_ pool: DatabasePool) throws {
        try pool.read { db in
            guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM hostRun WHERE endedAt IS NULL)") == true
            else { return }
            guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT)
            }
        }
    }

    /// SQLite gives its own side files the permissions of this one.
    private static func makeFile(_ path: String) throws {
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 { Glibc.close(file) }
        guard file >= 0 || errno == EROFS || errno == EACCES else {
            throw StoreFault.unavailable(path, String(cString: strerror(errno)))
        }
    }

    private static func takeLock(_ path: String) throws -> Int32 {
        makeFolder((path as NSString).deletingLastPathComponent)
        let file = Glibc.open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreFault.unavailable(path, String(cString: strerror(errno))) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(file)
            throw SyrinxError(
                "store.in_use", "another server has this database of records open", fix: "give each server its own",
                place: path)
        }
        return file
    }

    /// Whether it worked shows when something is put into it.
    static func makeFolder(_ path: String) {
        guard !path.isEmpty, !FileManager.default.fileExists(atPath: path) else { return }
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Side files first: the new database must not find the old one's log.
    private static func moveAside(_ path: String) throws -> String {
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path).corrupt-\(number)") { number += 1 }
        let name = "\(path).corrupt-\(number)"
        for suffix in ["-wal", "-shm", ""] where rename(path + suffix, name + suffix) != 0 && errno != ENOENT {
            throw StoreFault.unavailable(path, String(cString: strerror(errno)))
        }
        return name
    }
}
