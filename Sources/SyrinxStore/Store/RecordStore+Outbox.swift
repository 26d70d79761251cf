// SPDX-License-Identifier: Apache-2.0

internal import GRDB
package import SyrinxCore

// Events that a tenant's endpoints are still to be told. They stand in the same queue as the records, right behind what
// they tell of, and are written in the same order; a batch of the queue is one transaction.
extension RecordStore {
    /// Never waits. What finds no room is not kept, and counts as dropped.
    package func outbox(_ change: OutboxChange, tenant: String, endpoint: String) {
        put(.outbox(tenant: tenant, endpoint: endpoint, change))
    }

    /// What earlier runs left, the oldest first. Blocks; for the start of the host.
    /// - Throws: `store.…`.
    package func outboxEvents() throws(SyrinxError) -> [OutboxEvent] {
        do {
            return try file.pool.write { db in
                let rows = OutboxRows(db: db, hostRun: hostRun)
                _ = try rows.adopt(file.lock)
                return try rows.own()
            }
        } catch {
            throw StoreFault.error(error, path: options.database)
        }
    }

    /// Whether other runs may have the database beside this one.
    package var isShared: Bool { options.isShared }

    /// What runs left that have ended since, the oldest first; each is returned once. To be called now and then where
    /// the database ``isShared``: one that hands over lives longer than the start of its heir.
    /// - Throws: `store.…`.
    package func adoptOutbox() async throws(SyrinxError) -> [OutboxEvent] {
        try await onWriter { store in
            try store.file.pool.write { try OutboxRows(db: $0, hostRun: store.hostRun).adopt(store.file.lock) }
        }
    }
}
