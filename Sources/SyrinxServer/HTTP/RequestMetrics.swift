// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxTelemetry

/// Counts and times answered requests by the template of their route, never by the path that a stranger sent.
struct RequestMetrics: RouterMiddleware {
    private let metrics: VoiceMetrics

    init(_ metrics: VoiceMetrics) { self.metrics = metrics }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        metrics.httpAnswered(
            route: context.endpointPath ?? "none", method: request.method.rawValue, status: response.status.code,
            after: ContinuousClock.now - start)
        return response
    }
}
