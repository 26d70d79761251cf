// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import GRDB
internal import Synchronization
package import SyrinxCore

/// Records of sessions and their turns, in one SQLite database.
///
/// **Writing** never waits: ``begin(_:)``, ``turn(_:)``, ``recording(_:of:)`` and ``end(_:)`` put what they are given
/// into a bounded queue (``StoreOptions``) and may be called on an event loop. One writer takes from it, many at a time. When the
/// disk is full or cannot be written to, writes wait and are tried again; when too many wait, they are dropped, counted
/// and signalled. No call ends for a record's sake.
///
/// **Reading** goes by connections of its own, and always through a tenant: another's session and none look alike. What
/// was written shows up a moment later; ``flush()`` waits for it. Functions with `all` in their names are for the
/// operator alone.
///
/// **A session's record is closed exactly once**: by its end, at ``close(now:)``, or when the next run opens the
/// database after a crash. In the same transaction its usage is booked by tenant and day, where it outlives the record.
///
/// Errors are `store.…` of docs/ERRORS.md. Times are Unix milliseconds.
package final class RecordStore: Sendable {
    package let hostRun: String
    let options: StoreOptions
    let file: StoreFile
    let writes: WriteQueue
    let minutes = MinuteLedger()
    /// The one writer.
    let queue = DispatchQueue(label: "syrinx.store", qos: .utility)
    private let signal: @Sendable (StoreSignal) -> Void
    private let current = Mutex<SyrinxError?>(nil)
    /// Erasures and steps of purges under way.
    let waitingTasks = Mutex(0)
    /// Whether something was deleted whose bytes may still be in the files (of an earlier run it is not known), and when
    /// purging last saw to that.
    let scrubbing: Mutex<(isDue: Bool, last: Int64)>
    /// How many sessions of a run that crashed were closed when this one opened the database.
    package let crashedSessions: Int

    /// Opens the database, makes it if there is none, and closes what a crashed run left open as `host_crashed`, at its
    /// last known time. Blocks; call it at the start of the host. A damaged file is set aside (`NAME.corrupt-1`).
    ///
    /// - Parameter hostRun: a new id for this run of the host.
    /// - Throws: `store.in_use`, `store.newer`, `store.full`, `store.unavailable`, `store.busy`.
    package init(
        _ options: StoreOptions, hostRun: String, now: Int64,
        signal: @escaping @Sendable (StoreSignal) -> Void = { _ in }
    ) throws(SyrinxError) {
        self.options = options
        self.hostRun = hostRun
        self.signal = signal
        scrubbing = Mutex((true, UTCDay.clamped(now)))
        writes = WriteQueue(maximum: options.maximumWaiting, maximumBytes: options.maximumWaitingBytes)
        options.recordings.map(StoreFile.makeFolder)
        do {
            file = try StoreFile(path: options.database, maximumBytes: options.maximumBytes) { signal(.setAside($0)) }
            crashedSessions = try file.pool.write { try HostRuns(db: $0).begin(hostRun, now: now) }
            minutes.load(try file.pool.read { try UsageRows(db: $0).durations(monthOf: now) }, monthOf: now)
        } catch {
            throw StoreFault.error(error, path: options.database)
        }
    }

    /// A session begins. A second start of the same id changes nothing.
    package func begin(_ start: SessionStart) { put(.begin(start)) }

    /// A turn has ended. Only of an open session; words are kept only where its policy says so.
    package func turn(_ turn: TurnRecord) { put(.turn(turn)) }

    /// What became of a session's recording; before or after the session's end.
    package func recording(_ result: RecordingResult, of session: String) {
        put(.recording(session: session, result))
    }

    /// A session has ended.
    package func end(_ end: SessionEnd) { put(.end(end)) }

    package var counters: StoreCounters { writes.counters }

    /// What writes wait for right now; nil when all is well.
    package var fault: SyrinxError? { current.withLock { $0 } }

    /// Waits until what was written before has been tried.
    /// - Returns: whether all of it is in the database; `false` when it has to wait for the disk.
    @discardableResult
    package func flush() async -> Bool {
        await withCheckedContinuation { done in
            queue.async { done.resume(returning: self.drain()) }
        }
    }

    /// Writes what waits, closes sessions that are still open as `host_shutdown`, and lets go of the file.
    package func close(now: Int64) async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            queue.async {
                self.drain()
                self.attempt { try self.file.pool.write { try HostRuns(db: $0).end(self.hostRun, now: now) } }
                self.attempt(self.truncateLog)
                self.attempt { try self.file.pool.close() }
                done.resume()
            }
        }
    }

    private func put(_ write: RecordWrite) {
        guard let write = write.checked else { return writes.count { $0.refused += 1 } }
        switch writes.put(write) {
        case .taken(schedule: true): queue.async { self.drain() }
        case .taken(schedule: false): break
        case .dropped(first: true, let total): signal(.dropping(total: total))
        case .dropped(first: false, _): break
        }
    }
}

// MARK: the writer, on its queue

extension RecordStore {
    private static let batch = 256

    /// - Returns: whether nothing is left.
    @discardableResult
    func drain() -> Bool {
        var replaced = false
        while true {
            let batch = writes.oldest(Self.batch)
            if batch.isEmpty { return true }
            do {
                try write(batch)
                writes.remove(batch.count)
                recovered()
            } catch {
                let fault = noted(error)
                if fault.code == "store.corrupt", !replaced {
                    replaced = true
                    if attempt(replaceFile) { continue }
                }
                guard !waits(for: fault) else { return false }
                // One of them is to blame; alone it takes no other with it.
                batch.forEach(writeAlone)
            }
        }
    }

    private func write(_ batch: [RecordWrite]) throws {
        let (ignored, booked) = try file.pool.write { db in
            let rows = RecordRows(db: db, hostRun: hostRun)
            let results = try batch.map(rows.apply)
            return (results.count { !$0.changed }, results.compactMap(\.booked))
        }
        minutes.add(booked)
        // Begun in the very moment of the erasure.
        for session in booked where session.wasErased {
            _ = try? removeRecording(session: session.id, tenant: session.tenant, startedAt: session.startedAt)
        }
        writes.count {
            $0.written += batch.count - ignored
            $0.ignored += ignored
        }
    }

    private func writeAlone(_ write: RecordWrite) {
        do {
            try self.write([write])
        } catch {
            noted(error)
            writes.count { $0.refused += 1 }
        }
        writes.remove(1)
    }

    /// Whether the fault may pass; if so the writes stay, and it is tried again later.
    private func waits(for fault: SyrinxError) -> Bool {
        guard StoreFault.isPassing(fault) || fault.code == "store.corrupt" else { return false }
        let before = current.withLock { current in
            defer { current = fault }
            return current
        }
        guard before == nil else { return true }
        signal(.failing(fault))
        tryLater()
        return true
    }

    /// One timer at a time, for as long as it fails.
    private func tryLater() {
        let delay = DispatchTimeInterval.nanoseconds(Int(clamping: max(1_000_000, options.retryAfter.nanoseconds)))
        queue.asyncAfter(deadline: .now() + delay) { [weak self] in
            guard let self, self.fault != nil else { return }
            if !self.drain() { self.tryLater() }
        }
    }

    private func recovered() {
        let before = current.withLock { current in
            defer { current = nil }
            return current
        }
        if before != nil { signal(.recovered) }
    }

    /// After a read met damage: the writer looks for itself before it gives the file up.
    func replaceIfDamaged() {
        let isSound = try? file.pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") == "ok" }
        if isSound != true { attempt(replaceFile) }
    }

    private func replaceFile() throws {
        signal(.setAside(try file.replace()))
        _ = try file.pool.write { try HostRuns(db: $0).begin(hostRun, now: 0) }
    }

    @discardableResult
    func noted(_ error: any Error) -> SyrinxError {
        let fault = StoreFault.error(error, path: options.database)
        writes.count { $0.failures[fault.code, default: 0] += 1 }
        return fault
    }

    @discardableResult
    private func attempt(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            noted(error)
            return false
        }
    }
}
