// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// The host as a whole: how it is, draining it, and reading its configuration again.
extension AdminRoutes {
    func addHost(to router: Router<APIContext>) {
        router.get("/status") { _, _ in answer(.ok, status.json) }
        router.get("/healthz") { _, _ in health.answer() }
        router.get("/drain") { _, _ in answer(.ok, drain.json) }
        router.post("/drain") { _, _ in
            drain.begin()
            return answer(.accepted, drain.json)
        }
        router.delete("/drain") { _, _ in
            Self.result(
                Result { () throws(SyrinxError) in
                    try drain.cancel()
                    return drain.json
                })
        }
        router.post("/reload") { request, _ in
            await reload(isDry: request.uri.queryParameters["dry_run"] == "true")
        }
    }

    private func reload(isDry: Bool) async -> Response {
        let done = await environment.onWorker { () throws(SyrinxError) in
            Result { () throws(PolicyRefusal) in try reloader.reload(isDry: isDry) }
        }
        switch done {
        case .failure(let error): return problem(error)
        case .success(.success(let report)): return answer(.ok, report.json)
        case .success(.failure(let refusal)):
            var fields = Problem.json(refusal.error, status: 422).object ?? [:]
            fields["issues"] = refusal.json
            return answer(.unprocessableContent, .object(fields), type: Problem.contentType)
        }
    }
}
