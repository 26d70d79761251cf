// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxHost

/// Requests at the doors go to the plugin behind them before the router looks at them: what a door answers is its
/// plugin's own, and no part of the API.
struct DoorResponder<Next: HTTPResponder>: HTTPResponder where Next.Context == APIContext {
    let next: Next
    let desk: DoorDesk
    let loops: any EventLoopGroup

    func respond(to request: Request, context: APIContext) async throws -> Response {
        guard DoorRequest.matches(request.head.path ?? "/") else {
            return try await next.respond(to: request, context: context)
        }
        do {
            let reply = try await reply(to: request, context)
            // An upgrade is answered before any responder is asked.
            guard reply.status != 101 else {
                throw SyrinxError("request.upgrade_required", "this door takes WebSockets", fix: "connect with ws://")
            }
            return Response(reply)
        } catch {
            return problem(error as? SyrinxError ?? SyrinxError("server.internal", String(describing: error)))
        }
    }

    private func reply(to request: Request, _ context: APIContext) async throws -> DoorReply {
        var headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
        if let host = request.head.authority { headers.append((name: "host", value: host)) }
        guard
            var visit = DoorRequest(
                uri: request.head.path ?? "/", method: request.method.rawValue, headers: headers,
                peer: context.peer?.description)
        else { throw SyrinxError("door.not_found", "the path names no door") }
        do {
            visit.body = Array(try await request.body.collect(upTo: StageSession.bodyLimit).readableBytesView)
        } catch {
            throw SyrinxError("request.body_too_large", "the body has more than \(StageSession.bodyLimit) bytes")
        }
        return try await desk.ask(visit, on: loops.chosen).map(\.reply).get()
    }
}

extension Response {
    init(_ reply: DoorReply) {
        var fields = HTTPFields()
        for (name, value) in reply.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        self.init(
            status: HTTPResponse.Status(code: reply.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(string: reply.body)))
    }
}
