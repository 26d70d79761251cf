// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import GRDB
internal import Synchronization
package import SyrinxCore

/// Records of sessions and their turns, in one SQLite database.
///
/// **Writing** never waits: ``begin(_:)``, ``turn(_:)``, ``recording(_:of:)`` and ``end(_:)`` put what they are given
/// into a bounded queue (``StoreOptions``) and may be called on an event loop. One writer takes from it, many at a
/// time: those without which a record would be missing or stay open at once, the others in at most 10 transactions a
/// second. When the disk is full or cannot be written to, writes wait and are tried again; when too many wait, they are
/// dropped, counted and signalled. No call ends for a record's sake.
///
/// **Reading** goes by connections of its own, and always through a tenant: another's session and none look alike. What
/// was written shows up a moment later; ``flush()`` waits for it. Functions that end in `OfAll` are for the operator
/// alone.
///
/// What is in the database survives the process, however it ends. A power cut may cost the last moments, not more.
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
    let signal: @Sendable (StoreSignal) -> Void
    /// What writes wait for, and whether a timer runs that tries again.
    let waiting = Mutex<(fault: SyrinxError?, hasTimer: Bool)>((nil, false))
    /// When the writer had written all that there was.
    let drainedAt = Mutex(DispatchTime.now())
    /// Erasures and steps of purges under way.
    let waitingTasks = Mutex(0)
    /// Whether something was deleted whose bytes may still be in the files (of an earlier run it is not known), and when
    /// purging last saw to that.
    let scrubbing: Mutex<(isDue: Bool, last: Int64)>
    /// How many sessions of a run that crashed were closed when this one opened the database.
    package var crashedSessions: Int { crashed.count }
    /// The same sessions, as their records have them; those that were erased are not told.
    package let crashed: CrashedSessions

    /// Opens the database, makes it if there is none, and closes what a crashed run left open as `host_crashed`, at its
    /// last known time. Blocks; call it at the start of the host. A damaged file is set aside (`NAME.corrupt-1`).
    ///
    /// - Parameter hostRun: a new id for this run of the host, by which its records are known.
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
            let file = try StoreFile(options, run: hostRun) { signal(.setAside($0)) }
            self.file = file
            crashed = try file.pool.write { try HostRuns(db: $0, lock: file.lock).begin(hostRun, now: now) }
            minutes.load(try file.pool.read { try UsageRows(db: $0).durations(monthOf: now) }, monthOf: now)
        } catch {
            throw StoreFault.error(error, path: options.database)
        }
    }

    /// A session begins. A second start of the same id changes nothing.
    package func begin(_ start: SessionStart) { put(.begin(start)) }

    /// A turn has ended. Only of an open session; words are kept only where its policy says so.
    package func turn(_ turn: TurnRecord) { put(.turn(turn)) }

    /// A session goes on in another pipeline or language. Only an open one.
    package func change(_ change: ChangeRecord) { put(.change(change)) }

    /// What became of a session's recording; before or after the session's end.
    package func recording(_ result: RecordingResult, of session: String) {
        put(.recording(session: session, result))
    }

    /// A session has ended.
    package func end(_ end: SessionEnd) { put(.end(end)) }

    package var counters: StoreCounters { writes.counters }

    /// What writes wait for right now; nil when all is well.
    package var fault: SyrinxError? { waiting.withLock { $0.fault } }

    /// Waits until what was written before has been tried.
    /// - Returns: whether all of it is in the database; `false` when it has to wait for the disk.
    @discardableResult
    package func flush() async -> Bool {
        await withCheckedContinuation { done in
            queue.async { done.resume(returning: self.drain()) }
        }
    }

    /// Writes what waits, closes sessions that are still open as `host_shutdown`, and closes the database. After it
    /// nothing is taken; what could not be written counts as dropped.
    package func close(now: Int64) async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            queue.async {
                self.drain()
                self.attempt {
                    try self.file.pool.write { try HostRuns(db: $0, lock: self.file.lock).end(self.hostRun, now: now) }
                }
                self.attempt(self.truncateLog)
                self.writes.close()
                self.attempt(self.file.close)
                done.resume()
            }
        }
    }

    private static let gathering = DispatchTimeInterval.milliseconds(100)

    func put(_ write: RecordWrite) {
        guard let write = write.checked else { return writes.count { $0.refused += 1 } }
        switch writes.put(write) {
        case .taken(schedule: .atOnce): queue.async { self.drain() }
        case .taken(schedule: .gathered):
            queue.asyncAfter(deadline: drainedAt.withLock { $0 } + Self.gathering) { self.drain() }
        case .taken(schedule: nil): break
        case .dropped(first: true, let total): signal(.dropping(total: total))
        case .dropped(first: false, _): break
        }
    }
}
