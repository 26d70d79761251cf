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
            return try file.pool.write { try OutboxRows(db: $0, hostRun: hostRun).adopt(file.lock) }
        } catch {
            throw StoreFault.error(error, path: options.database)
        }
    }
}
