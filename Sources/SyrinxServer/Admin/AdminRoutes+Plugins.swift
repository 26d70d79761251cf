// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// What became of each plugin, and changing it.
extension AdminRoutes {
    func addPlugins(to router: Router<APIContext>) {
        router.get("/plugins") { _, _ in answer(.ok, live.overview) }
        router.get("/plugins/{id}/why") { _, context in Self.result(why(context.parameter("id"))) }
        router.post("/plugins/{id}/reload") { _, context in
            await change(context.parameter("id")) { (id) throws(SyrinxError) in try live.reload(id) }
        }
        router.post("/plugins/{id}/rollback") { _, context in
            await change(context.parameter("id")) { (id) throws(SyrinxError) in try live.rollback(id) }
        }
    }

    private func why(_ id: String) -> Result<JSONValue, SyrinxError> {
        Result { () throws(SyrinxError) in try live.why(id) }
    }

    private func change(
        _ id: String, _ body: @escaping @Sendable (String) throws(SyrinxError) -> Void
    ) async -> Response {
        Self.result(
            await environment.onWorker { () throws(SyrinxError) in
                try body(id)
                return try live.why(id)
            })
    }
}

extension RuntimeEnvironment {
    /// Changes load models and wait for each other: on a worker, not on an event loop.
    /// - Returns: `admin.busy` when no worker is free.
    func onWorker<Answer: Sendable>(
        _ body: @escaping @Sendable () throws(SyrinxError) -> Answer
    ) async -> Result<Answer, SyrinxError> {
        await withCheckedContinuation { continuation in
            let isTaken = runBlocking {
                continuation.resume(returning: Result { () throws(SyrinxError) in try body() })
            }
            guard !isTaken else { return }
            let busy = SyrinxError("admin.busy", "all workers are busy", fix: "try again", retryable: true)
            continuation.resume(returning: .failure(busy))
        }
    }
}
