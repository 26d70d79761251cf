// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// All that is kept of a tenant, as JSON Lines: of each session, the oldest first, one line of type `session`, then
/// one of type `change` for each change of its pipeline or language, and one of type `turn` for each of its turns. Read
/// page by page, as fast as it is asked for; memory does not grow with what there is. What is erased meanwhile is left
/// out, what begins meanwhile comes at the end.
///
/// Throws `store.…`.
package struct RecordExport: AsyncSequence, Sendable {
    /// A line with its line feed.
    package typealias Element = String
    package typealias Failure = SyrinxError

    let store: RecordStore
    let tenant: String

    package func makeAsyncIterator() -> Iterator { Iterator(store: store, tenant: tenant) }

    package struct Iterator: AsyncIteratorProtocol {
        private static let page = 64

        let store: RecordStore
        let tenant: String
        private var sessions: ArraySlice<SessionRecord> = []
        private var turns: ArraySlice<TurnRecord> = []
        private var changes: ArraySlice<ChangeRecord> = []
        /// The session whose turns are under way, and the last of its turns that was read.
        private var current: (id: String, turn: Int)?
        private var cursor: RecordCursor?

        init(store: RecordStore, tenant: String) {
            self.store = store
            self.tenant = tenant
        }

        package mutating func next(isolation actor: isolated (any Actor)?) async throws(SyrinxError) -> String? {
            if let change = changes.popFirst() { return Self.line("change", change.json, of: change.session) }
            if let turn = try await nextTurn() { return turn }
            if sessions.isEmpty {
                let (tenant, cursor) = (tenant, cursor)
                sessions = try await store.read {
                    try RecordReader(db: $0, scope: .tenant(tenant)).next(after: cursor, limit: Self.page)
                }[...]
            }
            guard let session = sessions.popFirst() else { return nil }
            cursor = RecordCursor(startedAt: session.startedAt, id: session.id)
            current = (session.id, 0)
            changes = try await store.changes(of: session.id, tenant: tenant)[...]
            return Self.line("session", session.json)
        }

        private mutating func nextTurn() async throws(SyrinxError) -> String? {
            guard let (id, number) = current else { return nil }
            if turns.isEmpty {
                turns = try await store.turns(of: id, tenant: tenant, after: number, limit: Self.page)[...]
            }
            guard let turn = turns.popFirst() else {
                current = nil
                return nil
            }
            current = (id, turn.number)
            return Self.line("turn", turn.json, of: id)
        }

        private static func line(_ type: String, _ value: JSONValue, of session: String? = nil) -> String {
            var members = value.object ?? [:]
            members["type"] = .string(type)
            if let session { members["session"] = .string(session) }
            return JSONValue.object(members).text + "\n"
        }
    }
}

extension RecordStore {
    package func export(tenant: String) -> RecordExport { RecordExport(store: self, tenant: tenant) }
}
