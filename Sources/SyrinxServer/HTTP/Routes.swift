// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// The HTTP API: health for load balancers, sessions for operators.
struct Routes: Sendable {
    let manager: SessionManager
    let health: HealthReport
    let status: HostStatus
    let load: LoadWatch

    func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("/livez") { _, _ in
            load.isStuck ? answer(.serviceUnavailable, ["status": "stuck"]) : answer(.ok, ["status": "alive"])
        }
        // The server listens only when its plugins and profiles are there.
        router.get("/startupz") { _, _ in answer(.ok, ["status": "started"]) }
        router.get("/readyz") { _, _ in readiness() }
        router.get("/healthz") { _, _ in health.answer() }
        router.get("/v1/sessions") { _, _ in sessions() }
        router.get("/v1/sessions/{id}") { _, context in
            try Self.guarded { () throws(SyrinxError) in
                answer(.ok, SessionJSON.object(try manager.session(context.parameters.get("id") ?? ""), now: now))
            }
        }
        router.delete("/v1/sessions/{id}") { _, context in
            try Self.guarded { () throws(SyrinxError) in
                let id = context.parameters.get("id") ?? ""
                try manager.close(id)
                return answer(.accepted, ["session": .string(id), "state": "closing"])
            }
        }
        router.get("/v1/talk") { _, _ in
            problem(
                SyrinxError(
                    "request.upgrade_required", "`/v1/talk` is a WebSocket",
                    fix: "connect with ws:// and an Upgrade header"))
        }
        router.add(middleware: NotFoundMiddleware(router.routes.map { KnownRoute($0.path, $0.method) }))
        return router
    }

    private var now: Instant { manager.host.environment.now() }

    private func readiness() -> Response {
        let readiness = status.readiness
        return answer(readiness == .ready ? .ok : .serviceUnavailable, ["status": .string(readiness.rawValue)])
    }

    private func sessions() -> Response {
        let now = now
        return answer(.ok, ["sessions": .array(manager.sessions.map { SessionJSON.object($0, now: now) })])
    }

    private static func guarded(_ body: () throws(SyrinxError) -> Response) throws -> Response {
        do {
            return try body()
        } catch {
            return problem(error)
        }
    }
}

/// A JSON answer.
func answer(_ status: HTTPResponse.Status, _ json: JSONValue, type: String = "application/json") -> Response {
    Response(
        status: status, headers: [.contentType: type],
        body: ResponseBody(byteBuffer: ByteBuffer(string: json.text + "\n")))
}

func problem(_ error: SyrinxError, status: Int? = nil) -> Response {
    var response = answer(
        HTTPResponse.Status(code: status ?? Problem.status(error)), Problem.json(error, status: status),
        type: Problem.contentType)
    if let seconds = Problem.retryAfter(error) { response.headers[.retryAfter] = "\(seconds)" }
    return response
}
