// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// Whose records a query may see. Every query has one, so that none forgets to ask.
enum RecordScope: Sendable {
    case tenant(String)
    /// The operator's view.
    case all
}

/// Reads records. What is erased but still open looks like what is not there.
struct RecordReader {
    static let maximumPage = 200

    let db: Database
    let scope: RecordScope

    func record(_ id: String) throws -> SessionRecord? {
        var query = Query(scope)
        query.add("id = ?", id)
        return try Row.fetchOne(db, sql: query.select("LIMIT 1"), arguments: query.arguments)
            .map { RowFields(row: $0).record }
    }

    /// The newest first: what begins while someone turns pages comes before the first page.
    func page(_ filter: RecordFilter, after cursor: RecordCursor?, limit: Int) throws -> RecordPage {
        var query = Query(scope)
        query.add(filter)
        if let cursor { query.add("(startedAt, id) < (?, ?)", cursor.startedAt, cursor.id) }
        let limit = min(max(1, limit), Self.maximumPage)
        var records = try fetch(query, "ORDER BY startedAt DESC, id DESC LIMIT \(limit + 1)")
        guard records.count > limit else { return RecordPage(records: records) }
        records.removeLast()
        let next = records.last.map { RecordCursor(startedAt: $0.startedAt, id: $0.id) }
        return RecordPage(records: records, next: next)
    }

    /// The oldest first, for exports.
    func next(after cursor: RecordCursor?, limit: Int) throws -> [SessionRecord] {
        var query = Query(scope)
        if let cursor { query.add("(startedAt, id) > (?, ?)", cursor.startedAt, cursor.id) }
        return try fetch(query, "ORDER BY startedAt, id LIMIT \(limit)")
    }

    func turns(of id: String, after number: Int, limit: Int) throws -> [TurnRecord] {
        var query = Query(scope)
        query.add("id = ?", id)
        query.add("number > ?", number)
        let sql = """
            SELECT turn.* FROM session JOIN turn ON turn.session = session.key WHERE \(query.condition)
            ORDER BY number LIMIT \(min(max(1, limit), 1000))
            """
        return try Row.fetchAll(db, sql: sql, arguments: query.arguments).map { RowFields(row: $0).turn(of: id) }
    }

    func changes(of id: String) throws -> [ChangeRecord] {
        var query = Query(scope)
        query.add("id = ?", id)
        let sql = """
            SELECT change.* FROM session JOIN change ON change.session = session.key WHERE \(query.condition)
            ORDER BY number LIMIT \(ChangeRecord.limit)
            """
        return try Row.fetchAll(db, sql: sql, arguments: query.arguments)
            .compactMap { RowFields(row: $0).change(of: id) }
    }

    private func fetch(_ query: Query, _ tail: String) throws -> [SessionRecord] {
        try Row.fetchAll(db, sql: query.select(tail), arguments: query.arguments).map { RowFields(row: $0).record }
    }
}

/// Conditions on sessions, the scope's first.
private struct Query {
    private var conditions = ["erased = 0"]
    private(set) var arguments = StatementArguments()

    init(_ scope: RecordScope) {
        guard case .tenant(let tenant) = scope else { return }
        add("tenant = ?", tenant)
    }

    var condition: String { conditions.joined(separator: " AND ") }

    func select(_ tail: String) -> String { "SELECT * FROM session WHERE \(condition) \(tail)" }

    mutating func add(_ condition: String, _ values: any DatabaseValueConvertible...) {
        conditions.append(condition)
        arguments += StatementArguments(values)
    }

    mutating func add(_ filter: RecordFilter) {
        if let user = filter.user { add("session.user = ?", user) }
        if let from = filter.from { add("session.startedAt >= ?", from) }
        if let to = filter.to { add("session.startedAt < ?", to) }
        if let reason = filter.reason { add("reason = ?", reason) }
    }
}
