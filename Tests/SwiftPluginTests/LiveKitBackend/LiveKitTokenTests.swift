// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import LiveKitBackend

/// A webhook as LiveKit's own `livekit-api` 1.2.2 made and accepted it.
enum LiveKitVector {
    static let key = "APIkey"
    static let now = LiveKitStage.now
    static let body =
        #"{"event": "participant_joined", "room": {"sid": "RM_1", "name": "support-7"}, "#
        + #""participant": {"sid": "PA_1", "identity": "alice"}, "id": "EV_1", "createdAt": "1764400000"}"#
    static let token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        + "eyJzaGEyNTYiOiJyTEpPeTV4RHBCa3cybk9KdW5DVHVoTE5FVlR4N0RxSzQrVWk4T3JxdE1JPSIsInN1YiI6IiIsImlzcyI6IkFQSWtle"
        + "SIsIm5iZiI6MTc5NTkzMTc1NCwiZXhwIjoxNzk1OTUzMzU0fQ.CtThAovEglybrZcu-eS-dkVGr1wtkRyQRrLMZQWkib4"

    /// A token with these claims, signed.
    static func token(_ claims: JSONValue, header: String = #"{"alg":"HS256"}"#) -> String {
        let part = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.text.utf8))
        let digest = SHA256.hmac(key: Array(LiveKitStage.secret.utf8), Array(part.utf8))
        return part + "." + Base64URL.encode(digest)
    }

    static func digest(_ body: String) -> JSONValue {
        .string(Base64.encode(SHA256.hash(Array(body.utf8))))
    }
}

@Suite("LiveKit: tokens")
struct LiveKitTokenTests {
    @Test func `an access token lets its holder into one room as an agent`() throws {
        let stage = try LiveKitStage(config: #","name":"Ann","metadata":"m","token_seconds":60"#)
        let session = try stage.open(#"{"room":"r1","identity":"agent-7"}"#)
        let request = try #require(stage.library.requests(3).last)
        #expect(request.text(1) == "wss://example.com")
        let parts = request.text(2).split(separator: ".")
        try #require(parts.count == 3)
        let signed = SHA256.hmac(
            key: Array(LiveKitStage.secret.utf8), Array("\(parts[0]).\(parts[1])".utf8))
        #expect(Base64URL.decode(parts[2]) == signed)
        #expect(
            Base64URL.decode(parts[0]).map { String(decoding: $0, as: UTF8.self) } == #"{"alg":"HS256","typ":"JWT"}"#)
        let claims = try JSONValue(parsing: try #require(Base64URL.decode(parts[1])))
        #expect(
            claims == [
                "iss": "APIkey", "sub": "agent-7", "kind": "agent", "name": "Ann", "metadata": "m",
                "nbf": .int(LiveKitStage.now), "exp": .int(LiveKitStage.now + 60),
                "video": [
                    "roomJoin": true, "room": "r1", "canPublish": true, "canSubscribe": true, "canPublishData": true,
                ],
            ])
        session.close()
        stage.provider.close()
    }

    @Test func `a webhook that LiveKit signed is believed`() throws {
        let token = try #require(WebhookToken(authorization: LiveKitVector.token))
        #expect(token.covers(Array(LiveKitVector.body.utf8), key: LiveKitVector.key, now: LiveKitVector.now))
        let digest = SHA256.hmac(
            key: Array(LiveKitStage.secret.utf8), Array(token.signedPart.utf8))
        #expect(token.isSigned(digest))
        #expect(WebhookToken(authorization: "Bearer " + LiveKitVector.token)?.isSigned(digest) == true)
        #expect(!token.isSigned([UInt8](repeating: 0, count: 32)))
        #expect(!token.isSigned([]))
    }

    @Test func `a webhook's token is for its body, its key and its time alone`() throws {
        let token = try #require(WebhookToken(authorization: LiveKitVector.token))
        let (body, key, now) = (Array(LiveKitVector.body.utf8), LiveKitVector.key, LiveKitVector.now)
        #expect(!token.covers(body + [0x20], key: key, now: now))
        #expect(!token.covers([], key: key, now: now))
        #expect(!token.covers(body, key: "other", now: now))
        #expect(!token.covers(body, key: key, now: now + 21_661))
        #expect(token.covers(body, key: key, now: now + 21_659))
        #expect(!token.covers(body, key: key, now: now - 61))
        #expect(token.covers(body, key: key, now: now - 60))
    }

    @Test(
        arguments: [
            ["iss": "APIkey", "exp": 1_795_931_800],
            ["iss": "APIkey", "sha256": LiveKitVector.digest("x")],
            ["exp": 1_795_931_800, "sha256": LiveKitVector.digest("x")],
            ["iss": "APIkey", "exp": "soon", "sha256": LiveKitVector.digest("x")],
            ["iss": "APIkey", "exp": 1_795_931_800, "sha256": "???"],
            ["iss": "APIkey", "exp": .int(.min), "sha256": LiveKitVector.digest("x")],
            [], "text",
        ] as [JSONValue])
    func `a token that lacks a claim covers nothing`(claims: JSONValue) throws {
        let token = try #require(WebhookToken(authorization: LiveKitVector.token(claims)))
        #expect(!token.covers(Array("x".utf8), key: "APIkey", now: LiveKitVector.now))
    }

    @Test func `only HS256 is a signature`() {
        let claims: JSONValue = ["iss": "APIkey"]
        for header in [#"{"alg":"none"}"#, #"{"alg":"RS256"}"#, "{}", "[]", "x"] {
            #expect(WebhookToken(authorization: LiveKitVector.token(claims, header: header)) == nil)
        }
    }

    @Test(arguments: ["", "a", "a.b", "a.b.c", "...", "e30.e30.=", "Bearer ", String(repeating: "a", count: 10_000)])
    func `what is no token is refused`(text: String) {
        #expect(WebhookToken(authorization: text) == nil)
    }
}
