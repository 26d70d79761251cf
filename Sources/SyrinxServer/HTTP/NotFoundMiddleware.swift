// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import SyrinxCore

/// Unknown paths and methods get a problem document as every other error does.
struct NotFoundMiddleware: RouterMiddleware {
    private let routes: [KnownRoute]

    /// - Parameter routes: all that the router has.
    init(_ routes: [KnownRoute] = []) { self.routes = routes }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return notFound(request)
        } catch let error as HTTPError {
            return Self.problem(SyrinxError("request.invalid", error.body ?? error.status.reasonPhrase), to: request)
        }
    }

    /// A known path with another method says which it takes (RFC 9110 15.5.6).
    private func notFound(_ request: Request) -> Response {
        let path = request.uri.path
        var methods = routes.filter { $0.matches(path) }.map(\.method.rawValue)
        // The router answers HEAD by itself where there is a GET.
        if methods.contains("GET") { methods.append("HEAD") }
        guard !methods.isEmpty else {
            return Self.problem(SyrinxError("request.not_found", "there is nothing at `\(path)`"), to: request)
        }
        let allowed = Set(methods).sorted().joined(separator: ", ")
        var response = Self.problem(
            SyrinxError(
                "request.method_not_allowed", "`\(path)` does not take \(request.method.rawValue)",
                fix: "use \(allowed)"), to: request)
        response.headers[.allow] = allowed
        return response
    }

    /// Without a body for HEAD, or the next answer of the connection would begin in it.
    private static func problem(_ error: SyrinxError, to request: Request) -> Response {
        let response = SyrinxServer.problem(error)
        return request.method == .head ? response.createHeadResponse() : response
    }
}

/// A path of the router, whose parameters stand in braces, and a method that it takes.
struct KnownRoute: Sendable {
    let method: HTTPRequest.Method
    private let pattern: [Substring]

    init(_ path: RouterPath, _ method: HTTPRequest.Method) {
        self.method = method
        pattern = Self.parts(path.description)
    }

    func matches(_ path: String) -> Bool {
        let parts = Self.parts(path)
        return parts.count == pattern.count
            && zip(pattern, parts).allSatisfy { pattern, part in pattern == part || pattern.hasPrefix("{") }
    }

    private static func parts(_ path: String) -> [Substring] { path.split(separator: "/") }
}

extension Router {
    /// Method and path of each; parameters stand in braces.
    var knownRoutes: [(method: String, path: String)] {
        routes.map { ($0.method.rawValue, "/" + $0.path.description.drop { $0 == "/" }) }
    }
}
