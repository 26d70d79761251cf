// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxStore

/// What is kept of a tenant's sessions: to read, to take along, to erase.
extension Routes {
    func addRecords(to router: Router<APIContext>) {
        router.get("/v1/records") { request, context in
            await withStore(request, context, .read) { (grant, store) throws(SyrinxError) in
                let query = try RecordQuery(request)
                let page = try await store.records(
                    tenant: grant.tenant, filter: query.filter, after: query.cursor, limit: query.limit)
                return answer(.ok, page.json)
            }
        }
        router.get("/v1/records/{id}") { request, context in
            await withStore(request, context, .read) { (grant, store) throws(SyrinxError) in
                let id = context.parameter("id")
                guard let record = try await store.record(id, tenant: grant.tenant) else { throw Self.noRecord(id) }
                var fields = record.json.object ?? [:]
                fields["changes"] = .array(try await store.changes(of: id, tenant: grant.tenant).map(\.json))
                fields["turns"] = .array(try await store.turns(of: id, tenant: grant.tenant).map(\.json))
                return answer(.ok, .object(fields))
            }
        }
        router.delete("/v1/records/{id}") { request, context in
            await withStore(request, context, .admin) { (grant, store) throws(SyrinxError) in
                let id = context.parameter("id")
                outlets.forget(tenant: grant.tenant, session: id)
                guard let erased = try await store.erase(session: id, tenant: grant.tenant) else {
                    throw Self.noRecord(id)
                }
                return answer(.ok, Self.json(erased))
            }
        }
        router.get("/v1/records/{id}/recording") { request, context in
            await withStore(request, context, .read) { (grant, store) throws(SyrinxError) in
                let id = context.parameter("id")
                guard let path = try await store.recordingPath(of: id, tenant: grant.tenant) else {
                    throw SyrinxError("recording.not_found", "there is no recording of the session `\(id)`")
                }
                return try await Self.audio(path, context)
            }
        }
        addUsersAndUsage(to: router)
    }

    private func addUsersAndUsage(to router: Router<APIContext>) {
        router.delete("/v1/users/{user}") { request, context in
            await withStore(request, context, .admin) { (grant, store) throws(SyrinxError) in
                let user = context.parameter("user")
                guard SessionStart.isValidUser(user) else {
                    throw SyrinxError(
                        "request.path_invalid", "this is no id of a user",
                        fix: "1 to 256 bytes of UTF-8, percent-encoded",
                        place: "path.user")
                }
                gate.tokens.revoke(tenant: grant.tenant, user: user)
                outlets.forget(tenant: grant.tenant, user: user)
                return answer(.ok, Self.json(try await store.erase(user: user, tenant: grant.tenant)))
            }
        }
        router.get("/v1/usage") { request, context in
            await withStore(request, context, .read) { (grant, store) throws(SyrinxError) in
                let query = try RecordQuery(request)
                let months = try await store.usage(
                    tenant: grant.tenant, from: query.filter.from ?? 0,
                    to: query.filter.to ?? CallClock.wall() / 1_000_000 + 1)
                return answer(.ok, ["usage": .array(months.map(\.json))])
            }
        }
        router.get("/v1/export") { request, context in
            await withStore(request, context, .admin) { (grant, store) throws(SyrinxError) in
                let lines = store.export(tenant: grant.tenant)
                return Response(
                    status: .ok, headers: [.contentType: "application/jsonl"],
                    body: ResponseBody { writer in
                        for try await line in lines { try await writer.write(ByteBuffer(string: line)) }
                        try await writer.finish(nil)
                    })
            }
        }
    }

    private func withStore(
        _ request: Request, _ context: APIContext, _ scope: Scope,
        _ body: (Grant, RecordStore) async throws(SyrinxError) -> Response
    ) async -> Response {
        do throws(SyrinxError) {
            let grant = try gate.grant(context.visit(request), needing: scope)
            guard let store = outlets.store else {
                throw SyrinxError(
                    "records.not_kept", "this server keeps no records", fix: "set `storage.database`")
            }
            return try await body(grant, store)
        } catch {
            return problem(withoutPlace(error))
        }
    }

    /// A tenant learns that the store is in trouble, the log where its files lie.
    private func withoutPlace(_ error: SyrinxError) -> SyrinxError {
        guard error.code.hasPrefix("store."), error.place != nil else { return error }
        outlets.noted(error)
        return SyrinxError(
            error.code, error.message, fix: "tell the operator: the server's log says where",
            retryable: error.retryable)
    }

    private static func audio(_ path: String, _ context: APIContext) async throws(SyrinxError) -> Response {
        do {
            let body = try await FileIO().loadFile(path: path, context: context)
            return Response(status: .ok, headers: [.contentType: "audio/wav"], body: body)
        } catch {
            throw SyrinxError("recording.not_found", "the recording cannot be read")
        }
    }

    private static func noRecord(_ id: String) -> SyrinxError {
        SyrinxError("record.not_found", "there is no record `\(id)`", fix: "`GET /v1/records` lists them")
    }

    private static func json(_ erasure: Erasure) -> JSONValue {
        [
            "sessions": .int(Int64(erasure.sessions)), "turns": .int(Int64(erasure.turns)),
            "recordings": .int(Int64(erasure.recordings)), "kept": .int(Int64(erasure.kept)),
        ]
    }
}
