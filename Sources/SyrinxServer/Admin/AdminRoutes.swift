// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// The admin API: what became of each plugin, and changing it.
struct AdminRoutes: Sendable {
    let live: LivePlugins
    let environment: RuntimeEnvironment

    func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("/plugins") { _, _ in answer(.ok, live.overview) }
        router.get("/plugins/{id}/why") { _, context in Self.result(why(Self.id(context))) }
        router.post("/plugins/{id}/reload") { _, context in
            await change(Self.id(context)) { (id) throws(SyrinxError) in try live.reload(id) }
        }
        router.post("/plugins/{id}/rollback") { _, context in
            await change(Self.id(context)) { (id) throws(SyrinxError) in try live.rollback(id) }
        }
        router.add(middleware: NotFoundMiddleware(router.routes.map { KnownRoute($0.path, $0.method) }))
        return router
    }

    private static func id(_ context: BasicRequestContext) -> String { context.parameters.get("id") ?? "" }

    private func why(_ id: String) -> Result<JSONValue, SyrinxError> {
        Result { () throws(SyrinxError) in try live.why(id) }
    }

    /// Changes load models and wait for each other: on a worker.
    private func change(
        _ id: String, _ body: @escaping @Sendable (String) throws(SyrinxError) -> Void
    ) async -> Response {
        let result = await withCheckedContinuation { continuation in
            let isTaken = environment.runBlocking {
                let done = Result { () throws(SyrinxError) in try body(id) }
                continuation.resume(returning: done.flatMap { why(id) })
            }
            guard !isTaken else { return }
            let busy = SyrinxError("admin.busy", "all workers are busy", fix: "try again", retryable: true)
            continuation.resume(returning: .failure(busy))
        }
        return Self.result(result)
    }

    private static func result(_ result: Result<JSONValue, SyrinxError>) -> Response {
        switch result {
        case .success(let json): answer(.ok, json)
        case .failure(let error): problem(error, status: status(error))
        }
    }

    private static func status(_ error: SyrinxError) -> Int {
        switch error.code {
        case "plugin.not_found": 404
        case "plugin.rollback.no_previous": 409
        case "admin.busy": 503
        default: 500
        }
    }
}
