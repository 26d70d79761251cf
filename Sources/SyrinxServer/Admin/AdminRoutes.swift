// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// The operator's API: the whole host, whoever its tenants are.
struct AdminRoutes: Sendable {
    let manager: SessionManager
    let live: LivePlugins
    let health: HealthReport
    let status: HostStatus
    let drain: DrainControl
    let reloader: Reloader

    let gate: Gatekeeper
    let outlets: Outlets
    let servesMetrics: Bool

    var environment: RuntimeEnvironment { health.environment }

    /// - Parameter place: a Unix socket is guarded by its mode, an address by keys.
    func router(_ place: AdminPlace) -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestIDMiddleware())
        if case .address(let address) = place {
            router.add(
                middleware: OperatorMiddleware(gate: gate, listenerIsLoopback: ListenerRule.isLoopback(address.host)))
        }
        addHost(to: router)
        addSessions(to: router)
        addPlugins(to: router)
        addObservation(to: router)
        addDescription(to: router)
        router.add(middleware: NotFoundMiddleware(router.routes.map { KnownRoute($0.path, $0.method) }))
        return router
    }

    static func result(_ result: Result<JSONValue, SyrinxError>, as status: HTTPResponse.Status = .ok) -> Response {
        switch result {
        case .success(let json): answer(status, json)
        case .failure(let error): problem(error, status: Self.status(error))
        }
    }

    private static func status(_ error: SyrinxError) -> Int {
        switch error.code {
        case "plugin.not_found", "session.not_found": 404
        case "plugin.rollback.no_previous", "drain.stopping": 409
        case "admin.busy": 503
        // The build that lies there cannot be taken: the operator's to mend.
        case let code where code.hasPrefix("plugin."): 422
        default: 500
        }
    }

    // MARK: sessions

    private func addSessions(to router: Router<APIContext>) {
        router.get("/sessions") { _, _ in
            let now = environment.now()
            return answer(.ok, ["sessions": .array(manager.sessions.map { SessionJSON.object($0, now: now) })])
        }
        router.delete("/sessions/{id}") { _, context in
            let id = context.parameter("id")
            let closed = Result { () throws(SyrinxError) in try manager.closeOfAnyTenant(id) }
            return Self.result(closed.map { ["session": .string(id), "state": "closing"] }, as: .accepted)
        }
    }
}
