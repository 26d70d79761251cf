// SPDX-License-Identifier: Apache-2.0

import SyrinxAccess
import SyrinxConversation
import SyrinxCore
import SyrinxRealtime
import SyrinxRuntime
import SyrinxServer
import Testing

/// The Realtime protocol's door: who gets in, and what its socket takes.
@Suite("The Realtime door", .tags(.integration), ServerTrait.twoTenants())
struct RealtimeDoorTests {
    private func call(_ fields: [String], _ query: String = "model=mock") async throws -> Caller {
        try await Caller(
            port: server().port, query, path: "/v1/realtime", fields: fields, greeting: "session.created")
    }

    private func refusal(_ fields: [String], _ query: String = "model=mock") async throws -> HTTPReply? {
        do {
            try await call(fields, query).hangUp()
            return nil
        } catch let reply as HTTPReply {
            return reply
        }
    }

    @Test func `lets a key in by header and by subprotocol`() async throws {
        try await call(TwoTenants.bearer(TwoTenants.talk)).hangUp()
        let key = TwoTenants.bearer(TwoTenants.talk)[0].split(separator: " ").last ?? ""
        let protocols = "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.\(key)"
        try await call([protocols]).hangUp()
        #expect(try await refusal([])?.problem == "auth.missing")
        #expect(try await refusal(TwoTenants.bearer(TwoTenants.read))?.problem == "auth.forbidden")
        #expect(try await refusal(["Authorization: Bearer sk-proj-1234"])?.problem == "auth.invalid")
        let beta = TwoTenants.bearer(TwoTenants.talk) + ["OpenAI-Beta: realtime=v1"]
        #expect(try await refusal(beta)?.problem == "realtime.unsupported")
        let talk = TwoTenants.bearer(TwoTenants.talk)
        #expect(try await refusal(talk, "model=mock&intent=transcription")?.problem == "realtime.unsupported")
        #expect(try await refusal(talk, "model=profile/none")?.problem == "profile.not_found")
        #expect(try await refusal(talk, "model=profile/echo")?.problem == "realtime.unsupported")
    }

    @Test func `a secret is good for one session, which begins as it was ordered`() async throws {
        let order =
            #"{"expires_after":{"anchor":"created_at","seconds":60},"session":{"type":"realtime","model":"mock","instructions":"be kind"}}"#
        let reply = try await server().http.send(
            "POST", "/v1/realtime/client_secrets", fields: TwoTenants.bearer(TwoTenants.talk), body: order)
        #expect(reply.status == 200 && reply.json["session"]?["instructions"] == "be kind")
        let secret = try #require(reply.json["value"]?.string)
        #expect(secret.hasPrefix("ek_"))
        let caller = try await call(["Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.\(secret)"], "")
        let created = await caller.events.first { $0["type"] == "session.created" }
        #expect(created?["session"]?["instructions"] == "be kind" && created?["session"]?["model"] == "mock")
        try await caller.hangUp()
        #expect(try await refusal(["Authorization: Bearer \(secret)"])?.problem == "auth.invalid")
        let bad = try await server().http.send(
            "POST", "/v1/realtime/client_secrets", fields: TwoTenants.bearer(TwoTenants.talk),
            body: #"{"session":{"type":"realtime","tools":7}}"#)
        #expect(bad.status == 400 && bad.problem == "request.field_invalid")
        let strange = try await server().http.send(
            "POST", "/v1/realtime/client_secrets", fields: TwoTenants.bearer(TwoTenants.talk),
            body: #"{"expires_after":{"seconds":60,"minutes":1}}"#)
        #expect(strange.status == 400 && strange.json["place"] == "$.expires_after.minutes")
    }

    @Test func `takes no binary message, and none beyond its limit`() async throws {
        let caller = try await call(TwoTenants.bearer(TwoTenants.talk))
        await caller.send(ClientFrame.audio([1, 2]))
        #expect(try await caller.event("error")["error"]?["code"] == "invalid_event")
        var huge = ClientFrame.text("{}")
        huge.claimedLength = UInt64(RealtimeTranslator.maximumEvent) + 1
        await caller.send(huge)
        #expect(try await caller.end() == 1009)
    }

    @Test func `a client that says goodbye gives its place back`() async throws {
        let caller = try await call(TwoTenants.bearer(TwoTenants.talk))
        await caller.send(["type": "session.update", "session": ["type": "realtime", "instructions": "x"]])
        #expect(try await caller.event("session.updated")["session"]?["instructions"] == "x")
        await caller.send(ClientFrame.close(1000))
        #expect(try await caller.end() == 1000)
    }
}

@Suite(
    "A Realtime session that is over", .tags(.integration),
    .server { options in
        options.policy.profiles = options.policy.profiles.map { profile in
            var profile = profile
            profile.conversation.timeouts.maxDuration = .milliseconds(300)
            return profile
        }
    })
struct RealtimeEndTests {
    @Test func `tells why`() async throws {
        // The SDKs insist on a key; a server that asks for none does not mind.
        let caller = try await Caller(
            port: server().port, "model=mock", path: "/v1/realtime", fields: ["Authorization: Bearer anything"],
            greeting: "session.created")
        #expect(try await caller.event("error")["error"]?["code"] == "max_duration")
        #expect(try await caller.end() == 1000)
    }
}
