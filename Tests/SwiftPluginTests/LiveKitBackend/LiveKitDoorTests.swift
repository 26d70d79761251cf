// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import LiveKitBackend

@Suite("LiveKit: the door")
struct LiveKitDoorTests {
    private let url = "https://voice.example/doors/rooms"

    private func knock(
        _ session: FakeSession, _ body: String, token: String? = nil, method: String = "POST"
    ) -> DoorReply? {
        let claims: JSONValue = [
            "iss": "APIkey", "exp": .int(LiveKitStage.now + 300), "sha256": LiveKitVector.digest(body),
        ]
        let headers = ["Authorization": token ?? LiveKitVector.token(claims)]
        return session.reply(session.knock(method, url, headers: headers, body: body))
    }

    private func joined(_ identity: String = "alice", room: String = "r1", kind: String? = nil, id: String) -> String {
        var participant: [String: JSONValue] = ["identity": .string(identity)]
        if let kind { participant["kind"] = .string(kind) }
        return JSONValue.object([
            "event": "participant_joined", "id": .string(id), "room": ["name": .string(room)],
            "participant": .object(participant),
        ]).text
    }

    @Test func `a webhook of LiveKit's calls an agent who listens to the one who joined`() throws {
        let stage = try LiveKitStage(.transport)
        let session = try stage.open()
        let reply = session.reply(
            session.knock("POST", url, headers: ["Authorization": LiveKitVector.token], body: LiveKitVector.body))
        #expect(reply?.status == 200)
        #expect(session.texts(.done).isEmpty)
        let token = try #require(stage.library.requests(3).last).text(2)
        let part = try #require(token.split(separator: ".").dropFirst().first)
        let claims = try JSONValue(parsing: Base64URL.decode(part) ?? [])
        #expect(claims["video"]?["room"]?.string == "support-7")
        #expect(claims["sub"]?.string?.hasPrefix("agent-") == true)
        let bob = FakeGuest(identity: "bob", tracks: [FakeTrack(sid: "TR_2")])
        stage.library.acceptConnection([bob, .alice])
        stage.settle()
        stage.library.finishPublishing()
        stage.settle()
        stage.hear(.alice)
        #expect(session.jsons(.peer).first?["user"]?.string == "alice")
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
    }

    @Test func `a forged webhook is refused`() throws {
        let stage = try LiveKitStage(.transport)
        let forged = LiveKitVector.token.dropLast() + "A"
        for (token, body) in [
            (String(forged), LiveKitVector.body), (LiveKitVector.token, LiveKitVector.body + " "), ("", "{}"),
        ] {
            let session = try stage.open()
            #expect(knock(session, body, token: token)?.status == 401)
            #expect(session.texts(.done).count == 1)
            session.close()
        }
        #expect(stage.library.requests(3).isEmpty)
    }

    @Test func `a secret that the host does not have is not the caller's fault`() throws {
        let stage = try LiveKitStage(.transport)
        let session = try stage.open()
        session.secrets = [:]
        #expect(knock(session, joined(id: "1"))?.status == 500)
        #expect(session.texts(.done).count == 1)
        session.close()
    }

    @Test(arguments: [
        #"{"event":"track_published","room":{"name":"r1"}}"#,
        #"{"event":"room_started","room":{"name":"r1"}}"#,
        #"{"event":"participant_joined","room":{"name":"other"},"participant":{"identity":"a"}}"#,
        #"{"event":"participant_joined","room":{"name":"r1"},"participant":{"identity":"a","kind":"AGENT"}}"#,
        #"{"event":"participant_joined"}"#,
    ])
    func `what calls for no agent is thanked for`(body: String) throws {
        let stage = try LiveKitStage(.transport, config: #","rooms":"r?""#)
        let session = try stage.open()
        #expect(knock(session, body)?.status == 200)
        #expect(session.texts(.done).count == 1)
        #expect(stage.library.requests(3).isEmpty)
        session.close()
    }

    @Test(arguments: ["", "x", "[]", #"{"room":{}}"#, "\u{FF}{"])
    func `a body that is no webhook is refused`(body: String) throws {
        let stage = try LiveKitStage(.transport)
        let session = try stage.open()
        #expect(knock(session, body)?.status == 400)
        session.close()
    }

    @Test func `one agent a room, once for each webhook`() throws {
        let stage = try LiveKitStage(.transport)
        let (first, second, third, fourth) = (try stage.open(), try stage.open(), try stage.open(), try stage.open())
        #expect(knock(first, joined(id: "1"))?.status == 200)
        _ = knock(second, joined("bob", id: "2"))
        #expect(second.texts(.done).count == 1, "an agent is there")
        first.close()
        _ = knock(third, joined(id: "1"))
        #expect(third.texts(.done).count == 1, "LiveKit said it before")
        _ = knock(fourth, joined("bob", id: "3"))
        #expect(fourth.texts(.done).isEmpty)
        #expect(stage.library.requests(3).count == 2)
        for session in [second, third, fourth] { session.close() }
    }

    @Test func `a room's beginning calls an agent where the operator wants that`() throws {
        let stage = try LiveKitStage(.transport, config: #","events":["room_started"]"#)
        let session = try stage.open()
        _ = knock(session, #"{"event":"room_started","room":{"name":"r1"},"id":"1"}"#)
        #expect(stage.library.requests(3).count == 1)
        session.close()
    }

    @Test func `only posts, and only once`() throws {
        let stage = try LiveKitStage(.transport)
        let session = try stage.open()
        #expect(knock(session, "{}", method: "GET")?.status == 405)
        #expect(knock(session, joined(id: "1"))?.status == 404)
        session.close()
    }

    @Test(arguments: [
        ("support-7", "support-*", true), ("support-7", "*", true), ("", "*", true), ("", "", true), ("a", "", false),
        ("abc", "a?c", true), ("ac", "a?c", false), ("abcbc", "a*bc", true), ("abcbd", "a*bc", false),
        ("aaaa", "a*a*a", true), ("xyz", "*y*", true), ("xyz", "**z", true), ("Support", "support", false),
    ])
    func `a room's name matches as a file's does`(name: String, pattern: String, matches: Bool) {
        #expect(LiveKitDoor.matches(name, pattern) == matches)
    }
}
