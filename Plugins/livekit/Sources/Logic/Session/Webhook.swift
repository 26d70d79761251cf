// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// A webhook of LiveKit's, judged as far as that goes without the key.
struct Webhook {
    /// What happened, of what an agent may be wanted for.
    struct News {
        let id: String
        let event: String
        let room: String
        /// Who joined; nil when the event is of the room.
        let participant: String?
        let isMachine: Bool
    }

    let request: NetworkID
    let token: WebhookToken?
    let refusal: (status: Int, reason: String)?
    let news: News?

    init(_ request: DoorRequest, key: String, now: Int64) {
        self.request = request.id
        let token = WebhookToken(authorization: request.headers["authorization"] ?? "")
        self.token = token
        if request.method != "POST" {
            refusal = (405, "LiveKit's webhooks are posted")
        } else if let token {
            refusal = token.covers(request.body, key: key, now: now) ? nil : (401, "the token is not for this body")
        } else {
            refusal = (401, "no token")
        }
        news = Self.read(request.body)
    }

    private static func read(_ body: [UInt8]) -> News? {
        guard let json = try? JSONValue(parsing: body), let event = json["event"]?.string else { return nil }
        let participant = json["participant"]
        let isJoin = event == "participant_joined"
        return News(
            id: json["id"]?.string ?? "",
            event: event,
            room: json["room"]?["name"]?.string ?? "",
            participant: isJoin ? participant?["identity"]?.string : nil,
            isMachine: isJoin && ["AGENT", "EGRESS"].contains(participant?["kind"]?.string ?? "")
        )
    }
}
