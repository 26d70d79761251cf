// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("A plugin's HTTP requests")
struct RequestTests {
    let first = NetworkID(rawValue: 1)

    @Test func `arrive as the plugin wrote them, secrets unread`() throws {
        try withWire(config: #"{"apiKey":"${secret:api_key}"}"#) { session, host in
            session.tell("get", generation: 3)
            let request = try #require(session.requests.first)
            #expect(request.url == "https://api.example.com/v1/things?x=1")
            #expect(request.method == "GET" && !request.isSocket && request.generation == 3)
            #expect(request.header("authorization") == "Bearer ${secret:api_key}")
            #expect(host.prewarmed == ["https://api.example.com/v1"])
        }
    }

    @Test func `bring head, body and end back, whole or in pieces`() throws {
        try withWire { session, host in
            session.tell("get")
            session.answer(first, status: 200, headers: ["Content-Type": "text/plain"])
            session.deliver(first, "hello", pieceBytes: 2)
            session.finish(first)
            #expect(host.logs == ["head 1 200 text/plain", "data 1 he", "data 1 ll", "data 1 o", "done 1 ok"])
            #expect(session.openRequests.isEmpty)
        }
    }

    @Test func `stream a body`() throws {
        try withWire { session, _ in
            session.tell("post abc")
            #expect(session.requests.first?.method == "POST")
            #expect(session.sentBody(first) == Array("abc!".utf8) && session.bodyIsComplete(first))
        }
    }

    @Test func `fail with the host's class of error`() throws {
        try withWire { session, host in
            session.tell("get")
            session.finish(first, error: .unavailable("no route"))
            #expect(host.logs == ["done 1 -10: no route"])
            session.refusal = PluginError(.notPermitted, "not there")
            #expect(session.tell("get") == .notPermitted)
            #expect(session.tell("bad") == .invalid)
        }
    }

    @Test func `end with their generation, unless they are to be kept`() throws {
        try withWire { session, host in
            session.tell("get", generation: 7)
            session.tell("keep", generation: 7)
            session.tell("get", generation: 8)
            session.cancel(7)
            #expect(host.logs == ["done 1 -8: its generation was cancelled"])
            #expect(session.openRequests.map(\.id.rawValue) == [2, 3])
            #expect(session.tell("get", generation: 7) == .stale)
        }
    }

    @Test func `end when the plugin aborts them, and nothing else follows`() throws {
        try withWire { session, host in
            session.tell("get")
            session.tell("pause 1")
            session.deliver(first, "never read")
            session.tell("abort 1")
            session.deliver(first, "too late")
            #expect(host.logs == ["done 1 -8: the plugin ended it"])
        }
    }

    @Test func `are held up while the plugin does not read`() throws {
        try withWire { session, host in
            session.tell("get")
            session.tell("pause 1")
            session.respond(first, body: "body")
            #expect(host.logs == ["head 1 200 -"])
            session.tell("resume 1")
            #expect(host.logs == ["head 1 200 -", "data 1 body", "done 1 ok"])
        }
    }

    @Test func `are refused by a host without a network`() throws {
        try withWire(host: FakeHost(offersNetwork: false)) { session, host in
            #expect(session.tell("get") == .unsupported)
            #expect(session.tell("open") == .unsupported)
            #expect(session.tell("sign k") == .unsupported)
        }
    }

    @Test func `are signed with a secret that the plugin does not see`() throws {
        try withWire { session, host in
            session.secrets = ["key": "efe"]
            // RFC 4231, test case 2.
            #expect(session.tell("sign J${secret:key}") == .ok)
            #expect(host.logs.first?.hasPrefix("digest 5 5b dc c1 46 bf 60 75 4e 6a 4 24 26 8 95 75 c7 5a") == true)
            #expect(session.tell("sign ${secret:other}") == .notFound)
            // RFC 2202, test case 2.
            #expect(session.tell("sign1 J${secret:key}") == .ok)
            #expect(host.logs.last == "digest 6 ef fc df 6a e5 eb 2f a2 d2 74 16 d5 f1 84 df 9c 25 9a 7c 79")
            #expect(session.tell("sign1 ${secret:other}") == .notFound)
        }
    }
}
