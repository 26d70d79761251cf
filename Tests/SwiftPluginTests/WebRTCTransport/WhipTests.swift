// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import WebRTCTransport

@Suite("Signalling of WebRTC at the door")
struct WhipTests {
    static let url = "https://voice.example/doors/web?room=blue&language=de"

    /// A provider with one session, as the host opens it for a request.
    final class Door {
        let provider: FakeProvider
        let session: FakeSession

        init(config: String = "{}") throws {
            provider = try FakeHost().open(webRTCModule.table, .transport, "webrtc", config: config)
            session = try provider.openSession()
            session.secrets = ["token": "open sesame"]
        }

        deinit {
            session.close()
            provider.close()
        }

        func ask(
            _ method: String,
            _ body: String = "",
            type: String = "application/sdp",
            path: String = "",
            headers: [String: String] = [:]
        ) throws -> DoorReply {
            var headers = headers
            headers["Content-Type"] = type
            let id = session.knock(method, WhipTests.url, path: path, headers: headers, body: body)
            return try #require(session.reply(id))
        }

        var isDone: Bool { session.events.contains { $0.type == .done } }
    }

    @Test
    func `an offer is answered, and the answer says where the session is`() throws {
        let door = try Door()
        let reply = try door.ask("POST", OfferTests.chrome)
        #expect(reply.status == 201)
        #expect(reply.headers["content-type"] == "application/sdp")
        #expect(reply.headers["location"]?.hasPrefix("/doors/web/") == true)
        #expect(reply.headers["etag"]?.isEmpty == false)
        #expect(reply.headers["access-control-allow-origin"] == "*")
        #expect(reply.body.contains("a=candidate:1 1 udp"))
        #expect(!door.isDone)
    }

    @Test(arguments: [
        ("POST", "application/json", "{}", 415), ("POST", "application/sdp", "nonsense", 400),
        ("POST", "application/sdp", "", 400), ("GET", "", "", 405), ("DELETE", "", "", 405), ("OPTIONS", "", "", 204),
    ])
    func `what is no call is answered, and the session is done`(
        method: String, type: String, body: String, status: Int
    ) throws {
        let door = try Door()
        #expect(try door.ask(method, body, type: type).status == status)
        #expect(door.isDone)
    }

    @Test
    func `candidates are taken, of this session of ICE alone`() throws {
        let door = try Door()
        let tag = try #require(try door.ask("POST", OfferTests.chrome).headers["etag"])
        let kind = "application/trickle-ice-sdpfrag"
        #expect(try door.ask("PATCH", "a=x", type: kind, path: "id", headers: ["If-Match": tag]).status == 204)
        #expect(try door.ask("PATCH", "a=x", type: kind, path: "id", headers: ["If-Match": "\"x\""]).status == 412)
        #expect(try door.ask("PATCH", "a=x", path: "id").status == 415)
        #expect(try door.ask("POST", OfferTests.chrome, path: "id").status == 405)
        #expect(try door.ask("OPTIONS", path: "id").status == 204)
        #expect(!door.isDone)
        #expect(try door.ask("DELETE", path: "id").status == 200)
        #expect(door.isDone)
    }

    @Test(arguments: ["*", "\"*\""])
    func `ICE is restarted, and has another tag from then on`(match: String) throws {
        let door = try Door()
        let tag = try #require(try door.ask("POST", OfferTests.chrome).headers["etag"])
        let kind = "application/trickle-ice-sdpfrag"
        let credentials = "a=ice-ufrag:efgh\r\na=ice-pwd:\(String(repeating: "p", count: 24))\r\n"
        let fragment = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n" + credentials
        let reply = try door.ask("PATCH", fragment, type: kind, path: "id", headers: ["If-Match": match])
        #expect(reply.status == 200)
        #expect(reply.headers["content-type"] == kind)
        let lines = reply.body.split(separator: "\r\n")
        for start in ["a=ice-lite", "m=audio ", "a=mid:", "a=ice-ufrag:", "a=ice-pwd:", "a=candidate:1 1 udp "] {
            #expect(lines.contains { $0.hasPrefix(start) }, "\(start)")
        }
        let new = try #require(reply.headers["etag"])
        #expect(new != tag)
        #expect(try door.ask("PATCH", "a=x", type: kind, path: "id", headers: ["If-Match": tag]).status == 412)
        #expect(try door.ask("PATCH", "a=x", type: kind, path: "id", headers: ["If-Match": new]).status == 204)
        #expect(!door.isDone)
    }

    @Test(arguments: [
        "", "a=ice-ufrag:efgh", "a=ice-ufrag:efgh\r\na=ice-pwd:short", "a=ice-pwd:pppppppppppppppppppppppppppppp",
    ])
    func `a restart without credentials is refused, and the call goes on`(fragment: String) throws {
        let door = try Door()
        let tag = try #require(try door.ask("POST", OfferTests.chrome).headers["etag"])
        let kind = "application/trickle-ice-sdpfrag"
        #expect(try door.ask("PATCH", fragment, type: kind, path: "id", headers: ["If-Match": "*"]).status == 400)
        #expect(try door.ask("PATCH", "a=x", type: kind, path: "id", headers: ["If-Match": tag]).status == 204)
        #expect(!door.isDone)
    }

    @Test(arguments: [(nil, 401), ("Bearer open", 401), ("Basic open sesame", 401), ("Bearer opensesame", 401)])
    func `without the token nobody comes in`(authorization: String?, status: Int) throws {
        let door = try Door(config: #"{"token":"${secret:token}"}"#)
        let headers = authorization.map { ["Authorization": $0] } ?? [:]
        let reply = try door.ask("POST", OfferTests.chrome, headers: headers)
        #expect(reply.status == status)
        #expect(reply.headers["www-authenticate"] == "Bearer")
        #expect(door.isDone)
    }

    @Test
    func `the token lets in, and is asked for again by whoever hangs up`() throws {
        let door = try Door(config: #"{"token":"${secret:token}"}"#)
        door.session.secrets = ["token": "sesame"]
        let headers = ["Authorization": "Bearer sesame"]
        #expect(try door.ask("POST", OfferTests.chrome, headers: headers).status == 201)
        #expect(try door.ask("DELETE", path: "id").status == 401)
        #expect(!door.isDone)
        #expect(try door.ask("DELETE", path: "id", headers: headers).status == 200)
        #expect(door.isDone)
    }

    @Test
    func `a preflight needs no token`() throws {
        let door = try Door(config: #"{"token":"${secret:token}"}"#)
        let reply = try door.ask("OPTIONS")
        #expect(reply.status == 204)
        #expect(reply.headers["access-control-allow-headers"]?.contains("authorization") == true)
    }

    @Test(arguments: [
        #"{"listen":"nowhere"}"#, #"{"listen":"0.0.0.0"}"#, #"{"public_addresses":["example.org"]}"#,
        #"{"listen":"203.0.113.254"}"#,
    ])
    func `an address that cannot be used is said at the start`(config: String) {
        #expect(throws: PluginError.self) {
            try FakeHost().open(webRTCModule.table, .transport, "webrtc", config: config)
        }
    }

    @Test
    func `public addresses are the candidates`() throws {
        let door = try Door(config: #"{"listen":"0.0.0.0","public_addresses":["198.51.100.7","2001:db8::7"]}"#)
        let body = try door.ask("POST", OfferTests.chrome).body
        #expect(body.contains("udp 2130706431 198.51.100.7 "))
        #expect(body.contains("udp 2130706175 2001:db8::7 "))
    }

    @Test
    func `the URL tells the session the language and whatever else it says`() throws {
        #expect(DoorRequest.doorPath(of: "https://h/doors/web/?x=1#y") == "/doors/web")
        let facts = PeerFacts(query: ["language": "de", "room": "blue", "long": String(repeating: "x", count: 300)])
        #expect(facts.language == "de")
        #expect(facts.metadata == ["room": "blue"])
    }
}
