// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxCore
internal import SyrinxStore
internal import SyrinxTelemetry

/// What has happened: metrics for Prometheus, records over all tenants, webhooks that wait or gave up.
extension AdminRoutes {
    func addObservation(to router: Router<APIContext>) {
        if servesMetrics {
            router.get("/metrics") { _, _ in
                Response(
                    status: .ok, headers: [.contentType: PrometheusText.contentType],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: outlets.metrics.text())))
            }
        }
        router.get("/records") { request, _ in
            await records { (store) throws(SyrinxError) in
                let query = try RecordQuery(request)
                return try await store.recordsOfAll(filter: query.filter, after: query.cursor, limit: query.limit).json
            }
        }
        router.get("/records/{id}") { _, context in
            await records { (store) throws(SyrinxError) in
                let id = context.parameter("id")
                guard let record = try await store.recordOfAll(id) else {
                    throw SyrinxError("record.not_found", "there is no record `\(id)`")
                }
                var fields = record.json.object ?? [:]
                fields["changes"] = .array(try await store.changesOfAll(of: id).map(\.json))
                return .object(fields)
            }
        }
        router.post("/webhooks/{event}/resend") { _, context in resend(context.parameter("event")) }
        router.get("/webhooks") { _, _ in
            answer(.ok, ["webhooks": .array(outlets.webhooks.queues.map { $0.queue.json })])
        }
    }

    /// A dead letter is tried again, with the same id, at each endpoint that gave it up.
    private func resend(_ event: String) -> Response {
        let count = outlets.webhooks.queues.count { $0.queue.resend(event) != nil }
        guard count > 0 else {
            return problem(
                SyrinxError(
                    "webhook.not_found", "no webhook has a dead letter `\(event)`",
                    fix: "`GET /webhooks` lists them"))
        }
        return answer(.accepted, ["event": .string(event), "endpoints": .int(Int64(count))])
    }

    private func records(_ body: (RecordStore) async throws(SyrinxError) -> JSONValue) async -> Response {
        do throws(SyrinxError) {
            guard let store = outlets.store else {
                throw SyrinxError(
                    "records.not_kept", "this server keeps no records", fix: "set `storage.database`")
            }
            return answer(.ok, try await body(store))
        } catch {
            return problem(error)
        }
    }
}
