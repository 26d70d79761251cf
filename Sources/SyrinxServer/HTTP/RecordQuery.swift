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
        let page = try Page(request)
        limit = min(page.limit, 200)
        if let text = page.cursor {
            do {
                cursor = try RecordCursor(text)
            } catch {
                throw Page.invalidCursor()
            }
        }
        let query = request.uri.queryParameters
        filter.user = query.get("user")
        filter.reason = query.get("reason")
        filter.from = try Self.time(query.get("from"), "from")
        filter.to = try Self.time(query.get("to"), "to")
    }

    private static func time(_ text: String?, _ name: String) throws(SyrinxError) -> Int64? {
        guard let text else { return nil }
        guard let time = UnixTime(rfc3339: text) else {
            throw SyrinxError(
                "request.query_invalid", "`\(name)` is no time", fix: "write 2026-11-01T00:00:00Z",
                place: "query.\(name)")
        }
        return time.milliseconds
    }
}
