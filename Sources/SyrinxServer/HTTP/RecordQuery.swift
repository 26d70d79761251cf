// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxStore

/// `?user=…&from=2026-11-01T00:00:00Z&to=…&reason=…&limit=50&cursor=…` of records.
struct RecordQuery {
    var filter = RecordFilter()
    var limit: Int
    var cursor: RecordCursor?

    /// - Throws: `request.query_invalid`.
    init(_ request: Request) throws(SyrinxError) {
        let page = try Page(request, most: 200)
        limit = page.limit
        if let text = page.cursor {
            do {
                cursor = try RecordCursor(text)
            } catch {
                throw Page.invalidCursor()
            }
        }
        let query = request.uri.queryParameters
        filter.user = query.get("user")
        if let user = filter.user, !SessionStart.isValidUser(user) {
            throw Self.invalid("user", "is no id of a user", fix: "1 to 256 bytes")
        }
        filter.reason = query.get("reason")
        if let reason = filter.reason, !APIDescription.reasons.contains(reason) {
            throw Self.invalid(
                "reason", "is none that ends a session", fix: APIDescription.reasons.joined(separator: ", "))
        }
        filter.from = try Self.time(query.get("from"), "from")
        filter.to = try Self.time(query.get("to"), "to")
    }

    private static func time(_ text: String?, _ name: String) throws(SyrinxError) -> Int64? {
        guard let text else { return nil }
        guard let time = UnixTime(rfc3339: text) else {
            throw invalid(name, "is no time", fix: "write 2026-11-01T00:00:00Z")
        }
        return time.milliseconds
    }

    private static func invalid(_ name: String, _ message: String, fix: String) -> SyrinxError {
        SyrinxError("request.query_invalid", "`\(name)` \(message)", fix: fix, place: "query.\(name)")
    }
}
