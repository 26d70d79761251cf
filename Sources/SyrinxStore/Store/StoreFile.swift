// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB
internal import Synchronization
internal import SyrinxCore

/// The database's file and the connections to it.
final class StoreFile: Sendable {
    let path: String
    private let maximumBytes: Int64
    let lock: DatabaseLock
    private let current: Mutex<State>

    private enum State {
        case open(DatabasePool)
        /// Set aside, or about to be, without a new one.
        case lost
        case closed
    }

    /// Opens or makes the database; a damaged one is set aside first, and `setAside` is told its new name.
    init(_ options: StoreOptions, run: String, setAside: (String) -> Void) throws {
        path = options.database
        maximumBytes = options.maximumBytes
        lock = try DatabaseLock(path, run: run, isShared: options.isShared)
        current = Mutex(.open(try Self.openSound(path, maximumBytes, lock, setAside)))
    }

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
        try Self.checkIsAlone(path, lock)
        try? pool.close()
        current.withLock { $0 = .lost }
        let name = FileManager.default.fileExists(atPath: path) ? try Self.moveAside(path) : nil
        let fresh = try Self.open(path, maximumBytes)
        current.withLock { $0 = .open(fresh) }
        return name
    }

    func close() throws {
        defer {
            current.withLock { $0 = .closed }
            lock.release()
        }
        try pool.close()
    }

    private static func openSound(
        _ path: String, _ maximumBytes: Int64, _ lock: DatabaseLock, _ setAside: (String) -> Void
    ) throws -> DatabasePool {
        do {
            return try open(path, maximumBytes)
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            try checkIsAlone(path, lock)
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

    /// Whether it worked shows when something is put into it.
    static func makeFolder(_ path: String) {
        guard !path.isEmpty, !FileManager.default.fileExists(atPath: path) else { return }
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Whoever has it open would go on writing into what was set aside.
    private static func checkIsAlone(_ path: String, _ lock: DatabaseLock) throws {
        guard lock.isAlone else {
            throw StoreFault.unavailable(path, "it is damaged, and another server still has it open")
        }
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
