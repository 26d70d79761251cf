// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import GRDB
internal import Synchronization
internal import SyrinxCore

// The writer, on its queue.
extension RecordStore {
    private static let batch = 256

    /// - Returns: whether nothing is left.
    @discardableResult
    func drain() -> Bool {
        defer { drainedAt.withLock { $0 = .now() } }
        var hasReplaced = false
        while true {
            let batch = writes.oldest(Self.batch)
            if batch.isEmpty { return true }
            do {
                try write(batch)
            } catch {
                let fault = noted(error)
                if !hasReplaced, fault.code == "store.corrupt" || file.isLost {
                    hasReplaced = true
                    if attempt(replaceFile) { continue }
                }
                guard !waits(for: fault) else { return false }
                // One of them is to blame; alone it takes no other with it.
                guard batch.allSatisfy(writeAlone) else { return false }
            }
        }
    }

    private func write(_ batch: [RecordWrite]) throws {
        let (ignored, booked) = try file.pool.write { db in
            let rows = RecordRows(db: db, hostRun: hostRun)
            let results = try batch.map(rows.apply)
            return (results.count { !$0.changed }, results.compactMap(\.booked))
        }
        writes.remove(batch.count)
        recovered()
        minutes.add(booked)
        // Begun in the very moment of the erasure.
        for session in booked where session.wasErased {
            _ = try? removeRecording(session: session.id, tenant: session.tenant, startedAt: session.startedAt)
        }
        writes.count {
            $0.written += batch.count(where: \.isOfRecord) - ignored
            $0.ignored += ignored
        }
    }

    /// - Returns: false when it, and what is behind it, has to wait after all.
    private func writeAlone(_ write: RecordWrite) -> Bool {
        do {
            try self.write([write])
        } catch {
            guard !waits(for: noted(error)) else { return false }
            writes.count { $0.refused += 1 }
            writes.remove(1)
        }
        return true
    }

    /// Whether the fault may pass; if so the writes stay, and are tried again later.
    private func waits(for fault: SyrinxError) -> Bool {
        guard StoreFault.isPassing(fault) || fault.code == "store.corrupt" else { return false }
        let isNew = waiting.withLock { waiting in
            defer { waiting.fault = fault }
            return waiting.fault == nil
        }
        if isNew { signal(.failing(fault)) }
        tryLater()
        return true
    }

    /// One timer at a time, for as long as it fails.
    private func tryLater() {
        let isFirst = waiting.withLock { waiting in
            defer { waiting.hasTimer = true }
            return !waiting.hasTimer
        }
        guard isFirst else { return }
        let delay = DispatchTimeInterval.nanoseconds(Int(clamping: max(1_000_000, options.retryAfter.nanoseconds)))
        queue.asyncAfter(deadline: .now() + delay) { [weak self] in
            guard let self else { return }
            self.waiting.withLock { $0.hasTimer = false }
            if self.fault != nil { self.drain() }
        }
    }

    private func recovered() {
        let wasFailing = waiting.withLock { waiting in
            defer { waiting.fault = nil }
            return waiting.fault != nil
        }
        if wasFailing { signal(.recovered) }
    }

    /// After a read met damage: the writer looks for itself before it gives the file up.
    func replaceIfDamaged() {
        let isSound = try? file.pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") == "ok" }
        if isSound != true, !writes.isClosed { attempt(replaceFile) }
    }

    private func replaceFile() throws {
        if let name = try file.replace() { signal(.setAside(name)) }
        _ = try file.pool.write { try HostRuns(db: $0, lock: file.lock).begin(hostRun, now: 0) }
    }

    @discardableResult
    func noted(_ error: any Error) -> SyrinxError {
        let fault = StoreFault.error(error, path: options.database)
        writes.count { $0.failures[fault.code, default: 0] += 1 }
        return fault
    }

    @discardableResult
    func attempt(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            noted(error)
            return false
        }
    }
}
