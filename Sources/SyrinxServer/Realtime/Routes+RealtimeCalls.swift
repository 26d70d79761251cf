// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRealtime
internal import SyrinxRuntime

/// Calls of the Realtime protocol over WebRTC: an offer comes, an answer goes, the rest is the call's own. A door of the
/// configuration brings the media.
extension Routes {
    static let realtimeCallsPath = "/v1/realtime/calls"

    func addRealtimeCalls(to router: Router<APIContext>) {
        router.post(RouterPath(Self.realtimeCallsPath)) { request, context in await realtimeCall(request, context) }
        router.post("/v1/realtime/calls/{id}/hangup") { request, context in
            granted(request, context, .talk, as: visit(request, context)) { (grant) throws(SyrinxError) in
                try doors.hangUp(context.parameter("id"), tenant: grant.tenant)
                return Response(status: .ok)
            }
        }
        // A page of any origin may call: it has a secret, or is refused.
        router.on(RouterPath(Self.realtimeCallsPath), method: .options) { _, _ in
            var response = Response(status: .noContent)
            response.headers[.accessControlAllowMethods] = "POST, OPTIONS"
            response.headers[.accessControlAllowHeaders] = "authorization, content-type"
            response.headers[.accessControlMaxAge] = "86400"
            return response.forAnyPage
        }
    }

    private func visit(_ request: Request, _ context: APIContext) -> Visit {
        var visit = context.visit(request)
        visit.authorization = visit.authorization.map(ClientSecret.asSessionToken)
        return visit.withoutForeignKeys(policies)
    }

    private func realtimeCall(_ request: Request, _ context: APIContext) async -> Response {
        var entry: Gatekeeper.Entry?
        do {
            let admitted = try gate.admitCall(visit(request, context))
            entry = admitted
            let order = try await RealtimeCallOrder(request, limit: maxBody)
            return try await answer(order, admitted.grant, request, context).forAnyPage
        } catch {
            // What was no call costs no secret.
            if let entry { gate.giveBack(entry) }
            let error = error as? SyrinxError ?? SyrinxError("server.internal", String(describing: error))
            outlets.refused(error, tenant: entry?.grant.tenant ?? "")
            return problem(error).forAnyPage
        }
    }

    private func answer(
        _ order: RealtimeCallOrder, _ grant: Grant, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let door = policies.current.doors.sorted { $0.key < $1.key }.first { $0.value.isRealtime }
        guard let door, let plan = door.value.transport else {
            throw SyrinxError(
                "door.not_found", "no door of this server brings calls of the Realtime protocol",
                fix: "configure one: `doors.NAME.transport: webrtc`, `doors.NAME.realtime: true`")
        }
        let prefix = context.pathTenant.map { "/\($0)" } ?? ""
        let url = "http://\(request.head.authority ?? "")\(prefix)\(Self.realtimeCallsPath)"
        let peer = context.peer?.description
        let call = try await doors.start(door.key, on: loops.chosen) { () throws(SyrinxError) in
            try reserve(door.value, plan, order, grant, peer)
        }.get()
        let id = call.value.id
        let reply = try await call.value.loop.flatSubmit {
            DoorDesk.ask(DoorRequest(offer: order.sdp, at: door.key, url: url, peer: peer), of: call.value)
        }.get().reply
        guard reply.status == 201 else { throw Self.refusal(reply) }
        var response = Response(reply)
        response.headers[.location] = "\(prefix)\(Self.realtimeCallsPath)/\(id)"
        return response
    }

    /// Opens the provider and reserves a place. Blocks.
    private func reserve(
        _ door: Door, _ plan: StagePlan, _ order: RealtimeCallOrder, _ grant: Grant, _ peer: String?
    ) throws(SyrinxError) -> (DoorProviders.Ready, CallBeginner) {
        let ready = try doors.providers.open(plan, options: plan.options)
        let settings = order.session ?? grant.settings
        let model = order.model ?? settings?["model"]?.string
        let (name, prepared) = try RealtimeProfile.prepared(model, grant, manager, policies)
        var setup = RealtimeProfile.setup(
            id: "", model: model ?? name, options: prepared.profile.conversation)
        // Wrong settings are no call.
        _ = try RealtimeTranslator.session(settings, setup)
        var request = CallRequest(
            profile: name, rate: RealtimeTranslator.rate, user: grant.user ?? "", tenant: grant.tenant)
        request.metadata = ["provider": ready.provider.descriptor.reference]
        let places = prepared.providerIDs.union([ready.provider.descriptor.id])
        let admission = try manager.admit(request, providers: places)
        (setup.id, setup.hasMedia) = (admission.id, true)
        let details = CallDetails(
            peer: peer, longest: grant.maxDuration, tenant: policies.current.tenant(grant.tenant))
        return (
            ready,
            CallBeginner(
                manager: manager, outlets: outlets, admission: admission, prepared: prepared, details: details,
                door: door, router: nil, realtime: RealtimeOrder(setup: setup, settings: settings))
        )
    }

    /// The plugin's words for what is wrong with the offer.
    private static func refusal(_ reply: DoorReply) -> SyrinxError {
        let words = String(reply.body.prefix(256).filter { !$0.isNewline })
        guard reply.status == 400 || reply.status == 415 else {
            return SyrinxError(
                "door.failed", "the plugin behind this door answered \(reply.status): \(words)", retryable: true)
        }
        return SyrinxError("request.field_invalid", words, fix: "send an offer of WebRTC", place: "$.sdp")
    }
}

extension Response {
    fileprivate var forAnyPage: Response {
        var response = self
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.accessControlExposeHeaders] = "location"
        response.headers[.cacheControl] = "no-store"
        return response
    }
}

/// What is asked of `POST /v1/realtime/calls`.
struct RealtimeCallOrder: Sendable {
    /// Bytes.
    private static let longestSession = 16_384

    var sdp: String
    /// As in `session.update`.
    var session: JSONValue?
    /// The profile's name, if there is one of that name.
    var model: String?

    /// - Throws: `request.body_too_large`, `request.field_invalid`, `json.invalid`.
    init(_ request: Request, limit: Int) async throws {
        let bytes: [UInt8]
        do {
            bytes = Array(try await request.body.collect(upTo: limit).readableBytesView)
        } catch {
            throw SyrinxError("request.body_too_large", "the body has more than \(limit) bytes")
        }
        let type = request.headers[.contentType] ?? ""
        try self.init(bytes, contentType: type)
        let model = request.uri.queryParameters["model"].map(String.init) ?? ""
        if !model.isEmpty { self.model = model }
    }

    /// An offer alone, or a form of an offer and the session that the call is to be.
    init(_ bytes: [UInt8], contentType: String) throws(SyrinxError) {
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        if type == "application/sdp" {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.invalid("sdp", "is no UTF-8") }
            sdp = text
        } else {
            guard type == MultipartForm.type, let form = MultipartForm(bytes, contentType: contentType) else {
                throw Self.invalid(
                    "sdp", "is missing: the body is neither application/sdp nor a form with `sdp` and `session`")
            }
            guard let text = form.text("sdp") else { throw Self.invalid("sdp", "is missing") }
            sdp = text
            if let bytes = form.parts["session"] {
                let json = try JSONValue(parsing: bytes)
                guard json.object != nil else { throw Self.invalid("session", "is no object") }
                session = json
            }
        }
        guard (1...StageSession.bodyLimit).contains(sdp.utf8.count) else {
            throw Self.invalid("sdp", "has to have 1 to \(StageSession.bodyLimit) bytes")
        }
        if let session, session.text.utf8.count > Self.longestSession {
            throw Self.invalid("session", "has more than \(Self.longestSession) bytes")
        }
    }

    private static func invalid(_ name: String, _ message: String) -> SyrinxError {
        SyrinxError("request.field_invalid", "`\(name)` \(message)", place: "$.\(name)")
    }
}

extension DoorRequest {
    /// An offer as a plugin of kind transport takes it (WHIP, RFC 9725).
    init(offer: String, at door: String, url: String, peer: String?) {
        self.door = door
        method = "POST"
        self.url = url
        headers = [(name: "content-type", value: "application/sdp")]
        self.peer = peer
        body = Array(offer.utf8)
    }
}
