// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxCore

/// Lets nobody into the admin API who is not an operator of the host.
struct OperatorMiddleware: RouterMiddleware {
    let gate: Gatekeeper
    let listenerIsLoopback: Bool

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do throws(SyrinxError) {
            try gate.checkOperator(context.visit(request), listenerIsLoopback: listenerIsLoopback)
        } catch {
            return problem(error)
        }
        return try await next(request, context)
    }
}
