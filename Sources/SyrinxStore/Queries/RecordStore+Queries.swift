// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import GRDB
package import SyrinxCore

// All of these throw `store.…` when the database cannot be read.
extension RecordStore {
    /// One record; nil when there is none, or when it is another tenant's.
    package func record(_ id: String, tenant: String) async throws(SyrinxError) -> SessionRecord? {
        try await read { try RecordReader(db: $0, scope: .tenant(tenant)).record(id) }
    }

    /// A page of a tenant's records, the newest first. Turning pages neither leaves out nor repeats a record that was
    /// there at the first, whatever begins meanwhile.
    ///
    /// - Parameter limit: 1 to 200; anything else counts as the nearest of these.
    package func records(
        tenant: String, filter: RecordFilter = RecordFilter(), after cursor: RecordCursor? = nil, limit: Int = 50
    ) async throws(SyrinxError) -> RecordPage {
        try await read {
            try RecordReader(db: $0, scope: .tenant(tenant)).page(filter, after: cursor, limit: limit)
        }
    }

    /// The turns of a session in their order, those after a number; none when it is another tenant's.
    ///
    /// - Parameter limit: 1 to 1000.
    package func turns(
        of session: String, tenant: String, after number: Int = 0, limit: Int = 1000
    ) async throws(SyrinxError) -> [TurnRecord] {
        try await read {
            try RecordReader(db: $0, scope: .tenant(tenant)).turns(of: session, after: number, limit: limit)
        }
    }

    /// The changes of pipeline and language in a session, in their order; none when it is another tenant's.
    package func changes(of session: String, tenant: String) async throws(SyrinxError) -> [ChangeRecord] {
        try await read { try RecordReader(db: $0, scope: .tenant(tenant)).changes(of: session) }
    }

    /// What a tenant used, by month, of sessions that began on the days (UTC) from that of `from` to the last one that
    /// begins before `to`. Erased and expired sessions are in it; open ones are not yet.
    package func usage(tenant: String, from: Int64, to: Int64) async throws(SyrinxError) -> [UsageReport] {
        try await read { try UsageRows(db: $0).reports(tenant: tenant, from: from, to: to) }
    }

    /// Minutes of a tenant's ended sessions that began in the month (UTC) of `now`. From memory: quick, and never waits.
    package func minutesThisMonth(tenant: String, now: Int64) -> Double {
        Double(minutes.durations(monthOf: now)[tenant] ?? 0) / 60_000
    }

    /// The same of all tenants that had any.
    package func durationsThisMonth(now: Int64) -> [String: Duration] {
        minutes.durations(monthOf: now).mapValues { .milliseconds($0) }
    }

    /// Where a session's recording lies, also after a crash, and as long as it grows; nil when it has none, or is another
    /// tenant's.
    package func recordingPath(of session: String, tenant: String) async throws(SyrinxError) -> String? {
        guard let record = try await record(session, tenant: tenant) else { return nil }
        let file = recordingFile(session: session, tenant: tenant, startedAt: record.startedAt)
        return file.flatMap { $0.exists ? $0.path : nil }
    }

    /// The operator's view over all tenants.
    package func recordOfAll(_ id: String) async throws(SyrinxError) -> SessionRecord? {
        try await read { try RecordReader(db: $0, scope: .all).record(id) }
    }

    /// The operator's view over all tenants.
    package func changesOfAll(of session: String) async throws(SyrinxError) -> [ChangeRecord] {
        try await read { try RecordReader(db: $0, scope: .all).changes(of: session) }
    }

    /// The operator's view over all tenants.
    package func recordsOfAll(
        filter: RecordFilter = RecordFilter(), after cursor: RecordCursor? = nil, limit: Int = 50
    ) async throws(SyrinxError) -> RecordPage {
        try await read { try RecordReader(db: $0, scope: .all).page(filter, after: cursor, limit: limit) }
    }

    /// The operator's view over all tenants.
    package func usageOfAll(from: Int64, to: Int64) async throws(SyrinxError) -> [UsageReport] {
        try await read { try UsageRows(db: $0).reports(tenant: nil, from: from, to: to) }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(SyrinxError) -> Value {
        do {
            return try await file.pool.read(body)
        } catch {
            let fault = noted(error)
            if fault.code == "store.corrupt" { queue.async { self.replaceIfDamaged() } }
            throw fault
        }
    }
}
