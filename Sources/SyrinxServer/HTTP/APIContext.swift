// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import SyrinxAccess

/// What is known of one HTTP request beside itself.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Nil of a Unix socket.
    let peer: PeerAddress?
    /// The first part of a path `/acme/v1/…`, which the router does not see.
    var pathTenant: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress?.ipAddress.flatMap { PeerAddress($0) }
    }

    func visit(_ request: Request) -> Visit {
        Visit(
            authorization: request.headers[values: .authorization],
            tokens: request.uri.queryParameters.filter { $0.key == "token" }.map { String($0.value) },
            host: request.head.authority, origin: request.headers[.origin], pathTenant: pathTenant, peer: peer)
    }

    /// A parameter of the path, decoded (RFC 3986 2.1); empty where there is none.
    func parameter(_ name: String) -> String { parameters.get(name)?.removingPercentEncoding ?? "" }
}

/// Takes the tenant off a path `/acme/v1/…` before the router looks at it.
struct TenantPathResponder<Next: HTTPResponder>: HTTPResponder where Next.Context == APIContext {
    let next: Next

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let path = request.head.path ?? "/"
        guard let (tenant, rest) = TenantPath.split(path) else {
            return try await next.respond(to: request, context: context)
        }
        var head = request.head
        head.path = rest
        var context = context
        context.pathTenant = tenant
        return try await next.respond(to: Request(head: head, body: request.body), context: context)
    }
}

/// `/acme/v1/talk?x` = tenant `acme`, `/v1/talk?x`.
enum TenantPath {
    static func split(_ path: String) -> (tenant: String, rest: String)? {
        guard path.hasPrefix("/") else { return nil }
        let body = path.dropFirst()
        guard let slash = body.firstIndex(of: "/") else { return nil }
        let (tenant, rest) = (body[..<slash], body[slash...])
        guard !tenant.isEmpty, tenant != "v1", rest.hasPrefix("/v1/") else { return nil }
        return (String(tenant), String(rest))
    }
}
