// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// WHIP (RFC 9725) as a state machine: which request is answered how.
struct Signalling {
    enum Action: Equatable {
        /// The request is answered; nothing else happens.
        case reply(DoorReply)
        /// The token has to be compared first; then ``admitted(_:)`` or the refusal.
        case judge(presented: String)
        /// A call is to be made of this offer.
        case offer
        /// ICE is to be restarted with the peer's new credentials.
        case restart(ICEFragment)
        /// The call ends with this reply.
        case hangUp(DoorReply)
        /// Nothing is to come of this session.
        case refuse(DoorReply)
    }

    static let unauthorised = DoorReply.problem(
        401, "The token is missing or wrong: send it as Authorization: Bearer.", ["www-authenticate": "Bearer"])

    let isProtected: Bool
    private(set) var hasCall = false
    /// Names the negotiated session (RFC 9725, 4.3.1).
    private(set) var tag = ""

    init(isProtected: Bool) {
        self.isProtected = isProtected
    }

    /// What to do with a request that has just come.
    func receive(_ request: DoorRequest) -> Action {
        if request.method == "OPTIONS" { return end(options) }
        guard isProtected else { return admitted(request) }
        guard let token = request.bearer else { return end(Self.unauthorised) }
        return .judge(presented: token)
    }

    /// What to do with a request of somebody who may.
    func admitted(_ request: DoorRequest) -> Action {
        if !hasCall { return request.method == "POST" ? post(request) : end(notAllowed("POST, OPTIONS")) }
        switch request.method {
        case "DELETE": return .hangUp(DoorReply(200))
        case "PATCH": return patch(request)
        default: return .reply(notAllowed("PATCH, DELETE, OPTIONS"))
        }
    }

    /// The answer to the offer; from here on there is a call.
    mutating func accept(answer: String, location: String, tag: String) -> DoorReply {
        hasCall = true
        self.tag = "\"\(tag)\""
        return DoorReply(
            201,
            headers: [
                "content-type": "application/sdp", "location": location, "etag": self.tag,
                "accept-patch": ICEFragment.contentType,
            ],
            body: answer
        )
    }

    /// The answer to a restart: from here on there is another session of ICE, and so another tag (RFC 9725, 4.3.3).
    mutating func restarted(answer: String, tag: String) -> DoorReply {
        self.tag = "\"\(tag)\""
        return DoorReply(200, headers: ["content-type": ICEFragment.contentType, "etag": self.tag], body: answer)
    }

    /// Without a call a refusal is all there will be of this session.
    func end(_ reply: DoorReply) -> Action { hasCall ? .reply(reply) : .refuse(reply) }

    private func post(_ request: DoorRequest) -> Action {
        guard request.contentType == "application/sdp" else {
            return end(.problem(415, "The body has to be application/sdp.", ["accept-post": "application/sdp"]))
        }
        return .offer
    }

    /// The peer's candidates are of no use to a lite agent: its checks say where it is.
    private func patch(_ request: DoorRequest) -> Action {
        guard request.contentType == ICEFragment.contentType else {
            let accepted = ICEFragment.contentType
            return .reply(.problem(415, "The body has to be \(accepted).", ["accept-patch": accepted]))
        }
        let match = request.headers["if-match"] ?? tag
        // It asks for a restart; RFC 9725, 4.3.3, writes it in quotation marks, HTTP without.
        if match == "*" || match == "\"*\"" {
            guard let fragment = ICEFragment(parsing: request.text) else {
                return .reply(.problem(400, "A restart needs a=ice-ufrag and a=ice-pwd."))
            }
            return .restart(fragment)
        }
        guard match == tag else { return .reply(.problem(412, "The ETag is of another session of ICE.")) }
        return .reply(DoorReply(204, headers: ["etag": tag]))
    }

    private func notAllowed(_ methods: String) -> DoorReply {
        .problem(405, "This method means nothing here.", ["allow": methods])
    }

    private var options: DoorReply {
        DoorReply(
            204,
            headers: [
                "access-control-allow-methods": "POST, PATCH, DELETE, OPTIONS",
                "access-control-allow-headers": "authorization, content-type, if-match",
                "access-control-max-age": "86400", "accept-post": "application/sdp",
            ]
        )
    }
}
