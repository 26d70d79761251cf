// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// A LiveKit access token (JWT, HS256) before it is signed: the key is with the host, never here.
struct AccessToken {
    /// What the signature is made of: header and claims, encoded.
    let signedPart: String

    private static let header = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    /// A token to join `room` as an agent that speaks, hears and sends data.
    ///
    /// - Parameters:
    ///   - join: The room, and who joins.
    ///   - key: The API key.
    ///   - now: Seconds since 1970.
    ///   - lifetime: Seconds; the server refreshes the token of somebody who is in the room.
    init(_ join: RoomJoin, key: String, now: Int64, lifetime: Int64) {
        var claims: [String: JSONValue] = [
            "iss": .string(key), "sub": .string(join.identity), "kind": "agent",
            "nbf": .int(now), "exp": .int(now &+ lifetime),
            "video": [
                "roomJoin": true, "room": .string(join.room), "canPublish": true, "canSubscribe": true,
                "canPublishData": true,
            ],
        ]
        if let name = join.name { claims["name"] = .string(name) }
        if let metadata = join.metadata { claims["metadata"] = .string(metadata) }
        signedPart = Self.header + "." + Base64URL.encode(Array(JSONValue.object(claims).text.utf8))
    }

    /// The whole token.
    func signed(_ digest: [UInt8]) -> String { signedPart + "." + Base64URL.encode(digest) }
}
