// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// The public API: health for load balancers, and for each tenant what is its own.
struct Routes: Sendable {
    let manager: SessionManager
    let policies: PolicyStore
    let gate: Gatekeeper
    let outlets: Outlets
    let health: HealthReport
    let status: HostStatus
    let load: LoadWatch
    let doors: DoorDesk
    let loops: any EventLoopGroup
    /// Bytes.
    let maxBody: Int
    let desk = TokenDesk()

    func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestIDMiddleware())
        router.add(middleware: RequestMetrics(outlets.metrics))
        addHealth(to: router)
        addTalk(to: router)
        addRealtimeCalls(to: router)
        addSessions(to: router)
        addRecords(to: router)
        addDescription(to: router)
        router.add(middleware: NotFoundMiddleware(router.routes.map { KnownRoute($0.path, $0.method) }))
        return router
    }

    var now: Instant { manager.host.environment.now() }

    private func addHealth(to router: Router<APIContext>) {
        router.get("/livez") { _, _ in
            load.isStuck ? answer(.serviceUnavailable, ["status": "stuck"]) : answer(.ok, ["status": "alive"])
        }
        // The server listens only when its plugins and profiles are there.
        router.get("/startupz") { _, _ in answer(.ok, ["status": "started"]) }
        router.get("/readyz") { _, _ in
            let readiness = status.readiness
            return answer(readiness == .ready ? .ok : .serviceUnavailable, ["status": .string(readiness.rawValue)])
        }
        // What a host with tenants is made of is none of the public's business.
        router.get("/healthz") { _, _ in
            policies.current.access.unauthenticatedTenants.isEmpty ? health.summary() : health.answer()
        }
    }

    private func addTalk(to router: Router<APIContext>) {
        router.get("/v1/talk") { _, _ in
            problem(
                SyrinxError(
                    "request.upgrade_required", "`/v1/talk` is a WebSocket",
                    fix: "connect with ws:// and an Upgrade header"))
        }
        router.get("/v1/profiles") { request, context in
            granted(request, context, nil) { (grant) throws(SyrinxError) in
                let names = manager.profiles.names(of: grant.tenant).filter {
                    grant.profile == nil || grant.profile == $0
                }
                return answer(
                    .ok,
                    [
                        "profiles": .array(names.map(JSONValue.string)),
                        "default": .string(grant.profile ?? policies.current.tenant(grant.tenant).defaultProfile),
                    ])
            }
        }
        router.get("/v1/realtime") { _, _ in
            problem(
                SyrinxError(
                    "request.upgrade_required", "`/v1/realtime` is a WebSocket",
                    fix: "connect with ws:// and an Upgrade header"))
        }
        router.post("/v1/realtime/client_secrets") { request, context in await clientSecrets(request, context) }
        router.post("/v1/tokens") { request, context in await tokens(request, context) }
        router.post("/v1/calls") { request, context in await placeCall(request, context) }
    }

    /// Answers only who may ask.
    /// - Parameters:
    ///   - scope: nil = whoever has a credential.
    ///   - visit: what the request says of who it is from, where that is read in another way.
    /// The answer to whoever may not ask, before more of a stranger is read; nil: he may.
    func refusal(_ request: Request, _ context: APIContext, _ scope: Scope, as visit: Visit? = nil) -> Response? {
        do throws(SyrinxError) {
            _ = try gate.grant(visit ?? context.visit(request), needing: scope)
            return nil
        } catch {
            return problem(error)
        }
    }

    func granted(
        _ request: Request, _ context: APIContext, _ scope: Scope?, as visit: Visit? = nil,
        _ body: (Grant) throws(SyrinxError) -> Response
    ) -> Response {
        do throws(SyrinxError) {
            return try body(gate.grant(visit ?? context.visit(request), needing: scope))
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
    if let challenge = Problem.challenge(error) { response.headers[.wwwAuthenticate] = challenge }
    return response
}
