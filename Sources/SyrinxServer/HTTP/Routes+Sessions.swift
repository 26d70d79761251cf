// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxRuntime

/// The live sessions of a tenant.
extension Routes {
    func addSessions(to router: Router<APIContext>) {
        router.post("/v1/sessions/{id}/keys") { request, context in await pressKeys(request, context) }
        router.get("/v1/sessions") { request, context in
            granted(request, context, .read) { (grant) throws(SyrinxError) in
                try sessions(of: grant.tenant, Page(request))
            }
        }
        router.get("/v1/sessions/{id}") { request, context in
            granted(request, context, .read) { (grant) throws(SyrinxError) in
                let session = try manager.session(context.parameter("id"), tenant: grant.tenant)
                return answer(.ok, SessionJSON.object(session, now: now))
            }
        }
        router.patch("/v1/sessions/{id}") { request, context in await changeSession(request, context) }
        router.delete("/v1/sessions/{id}") { request, context in
            granted(request, context, .admin) { (grant) throws(SyrinxError) in
                let id = context.parameter("id")
                try manager.close(id, tenant: grant.tenant)
                return answer(.accepted, ["session": .string(id), "state": "closing"])
            }
        }
    }

    /// Presses keys at the far end of a session: `{"keys": "12#"}`.
    func pressKeys(_ request: Request, _ context: APIContext) async -> Response {
        do {
            let grant = try gate.grant(context.visit(request), needing: .talk)
            let id = context.parameter("id")
            // Another tenant's session is not there, whatever is asked of it.
            _ = try manager.session(id, tenant: grant.tenant)
            let order = try await object(request)
            guard let keys = try? ClientMessage.keys(order), order.object?.count == 1 else {
                throw SyrinxError(
                    "request.field_invalid", "the body is no `{\"keys\": …}` with 1 to 32 of 0 to 9, *, #, A to D",
                    place: "$.keys")
            }
            guard try await manager.sendKeys(keys, to: id, tenant: grant.tenant) else {
                throw SyrinxError("session.keys_refused", "the far end takes no keys, or no more of them now")
            }
            return answer(.accepted, ["session": .string(id), "keys": .string(keys)])
        } catch {
            return problem(error as? SyrinxError ?? SyrinxError("server.internal", String(describing: error)))
        }
    }

    /// The oldest first. A page ends where the next begins, whatever ends or begins meanwhile.
    private func sessions(of tenant: String, _ page: Page) throws(SyrinxError) -> Response {
        let start = try page.cursor.map { text throws(SyrinxError) in try SessionCursor(text) }
        let all = manager.sessions.filter { $0.tenant == tenant }
            .sorted { SessionCursor($0) < SessionCursor($1) }
            .filter { session in start.map { SessionCursor(session) > $0 } ?? true }
        let now = now
        var fields: [String: JSONValue] = [
            "sessions": .array(all.prefix(page.limit).map { SessionJSON.object($0, now: now) }), "next": .null,
        ]
        if all.count > page.limit { fields["next"] = .string(SessionCursor(all[page.limit - 1]).text) }
        return answer(.ok, .object(fields))
    }
}

/// `?limit=50&cursor=…` of a list.
struct Page {
    var limit = 100
    var cursor: String?

    /// - Parameter most: elements of a page.
    /// - Throws: `request.query_invalid`.
    init(_ request: Request, most: Int = 1000) throws(SyrinxError) {
        if let text = request.uri.queryParameters.get("limit") {
            guard let limit = Int(text), (1...most).contains(limit) else {
                throw SyrinxError(
                    "request.query_invalid", "`limit` is no number from 1 to \(most)", fix: "leave it out: 100",
                    place: "query.limit")
            }
            self.limit = limit
        }
        cursor = request.uri.queryParameters.get("cursor")
    }

    static func invalidCursor() -> SyrinxError {
        SyrinxError(
            "request.query_invalid", "`cursor` is none of ours", fix: "use `next` of the page before",
            place: "query.cursor")
    }
}

/// A place in the list of live sessions.
private struct SessionCursor: Comparable {
    var createdAt: Int64
    var id: String

    init(_ session: CallStatus.Snapshot) {
        createdAt = session.createdAt.nanoseconds
        id = session.id
    }

    /// - Throws: `request.query_invalid`.
    init(_ text: String) throws(SyrinxError) {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let createdAt = Int64(parts[0]) else { throw Page.invalidCursor() }
        self.createdAt = createdAt
        id = String(parts[1])
    }

    var text: String { "\(createdAt).\(id)" }

    static func < (left: SessionCursor, right: SessionCursor) -> Bool {
        (left.createdAt, left.id) < (right.createdAt, right.id)
    }
}
