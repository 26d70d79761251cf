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
            switch Self.isDry(request) {
            case .success(let isDry): await reload(isDry: isDry)
            case .failure(let error): problem(error)
            }
        }
    }

    /// A slip of the pen must not become a reload.
    private static func isDry(_ request: Request) -> Result<Bool, SyrinxError> {
        switch request.uri.queryParameters["dry_run"] {
        case nil, "false": .success(false)
        case "true": .success(true)
        default:
            .failure(
                SyrinxError(
                    "request.query_invalid", "`dry_run` is neither `true` nor `false`", fix: "`?dry_run=true`",
                    place: "query.dry_run"))
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
