// SPDX-License-Identifier: Apache-2.0
import Pipecat
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Pipecat: bots that have to be started")
struct PipecatStartTests {
    static let config = #"""
        {"url":"https://bots.example/start","api_key":"${secret:api_key}","body":{"transport":"websocket"}}
        """#

    @Test func `are asked for once, with the session's own members, and say where their socket is`() throws {
        let call = try PipecatCall(config: Self.config, options: #"{"body":{"body":{"room":"7"}}}"#)
        defer { call.close() }
        let start = try #require(call.session.requests.first)
        #expect(!start.isSocket && start.method == "POST" && start.url == "https://bots.example/start")
        #expect(start.header("authorization") == "Bearer ${secret:api_key}")
        #expect(try JSONValue(parsing: start.bodyText) == ["transport": "websocket", "body": ["room": "7"]])
        call.session.sendAudio([1])
        call.session.respond(start.id, body: #"{"wsUrl":"wss://bots.example/ws-client","token":"abc.def"}"#)
        let socket = try #require(call.session.requests.last)
        #expect(socket.isSocket && socket.url == "wss://bots.example/ws-client")
        #expect(socket.header("authorization") == "Bearer abc.def")
        call.socket = socket.id
        call.session.acceptSocket(call.socket)
        #expect(call.messages.first?["type"] == "client-ready" && call.heard == [1])
        call.receive(RTVIWire.ready)
        #expect(call.types == [.ready])
        #expect(call.session.requests.count == 2)
    }

    @Test func `are told what was typed before they had a socket`() throws {
        let call = try PipecatCall(config: Self.config)
        defer { call.close() }
        call.prompt(1, "Hello?")
        call.session.respond(call.session.requests[0].id, body: #"{"ws_url":"ws://bots.example/ws"}"#)
        call.socket = call.session.requests[1].id
        call.session.acceptSocket(call.socket)
        #expect(call.messages.map { $0["type"]?.string } == ["client-ready", "send-text"])
        #expect(call.messages.last?["data"]?["content"] == "Hello?")
    }

    @Test(arguments: [
        ("query", "wss://b.example/ws?x=1", "wss://b.example/ws?x=1&token=t"),
        ("query", "wss://b.example/ws", "wss://b.example/ws?token=t"),
        ("path", "wss://b.example/ws", "wss://b.example/ws/t"),
        ("none", "wss://b.example/ws", "wss://b.example/ws"),
    ])
    func `may want the token elsewhere`(place: String, url: String, expected: String) throws {
        let call = try PipecatCall(
            config: #"{"url":"https://b.example/connect","token_in":"\#(place)","url_key":"where","token_key":"pass"}"#
        )
        defer { call.close() }
        call.session.respond(call.session.requests[0].id, body: #"{"where":"\#(url)","pass":"t"}"#)
        #expect(call.session.requests.last?.url == expected)
        #expect(call.session.requests.last?.header("authorization") == nil)
    }

    @Test func `keep two seconds of the caller, not more`() throws {
        let call = try PipecatCall(config: Self.config)
        defer { call.close() }
        for second in 1...5 { call.session.sendAudio([Int16](repeating: Int16(second), count: 16_000)) }
        call.session.respond(call.session.requests[0].id, body: #"{"ws_url":"ws://bots.example/ws"}"#)
        call.socket = call.session.requests[1].id
        call.session.acceptSocket(call.socket)
        #expect(Set(call.heard) == [4, 5] && call.heard.count == 32_000)
    }

    @Test(arguments: [
        (401, Status.unauthenticated, false), (403, .notPermitted, false), (404, .notFound, false),
        (422, .invalid, false), (429, .quotaExceeded, true), (500, .unavailable, true),
    ])
    func `fail by the class of the status`(code: Int, expected: Status, isRetryable: Bool) throws {
        let call = try PipecatCall(config: Self.config)
        defer { call.close() }
        call.prompt(1, "Hello?")
        call.session.respond(
            call.session.requests[0].id, status: code, headers: ["Retry-After": "2"], body: #"{"detail":"No."}"#
        )
        let errors = call.events(.error)
        #expect(errors.map(\.generation) == [0, 1])
        #expect(errors.allSatisfy { $0.integer == Int64(expected.rawValue) && $0.isRetryable == isRetryable })
        #expect(errors[0].text.contains("No.") && errors[0].json.contains("2000"))
        #expect(call.session.requests.count == 1)
    }

    @Test(arguments: ["", "[]", "{}", #"{"wsUrl":7}"#, #"{"wsUrl":"https://x.example"}"#, #"{"ws_url":"ws://"}"#, "{"])
    func `fail clearly when their endpoint names no socket`(body: String) throws {
        let call = try PipecatCall(config: Self.config)
        defer { call.close() }
        call.session.respond(call.session.requests[0].id, body: body)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.internalError.rawValue)])
        #expect(call.session.requests.count == 1)
    }

    @Test func `fail when they take too long or answer without end`() throws {
        let slow = try PipecatCall(config: Self.config)
        defer { slow.close() }
        slow.session.advance(milliseconds: 20_000)
        #expect(slow.events(.error).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])

        let long = try PipecatCall(config: Self.config)
        defer { long.close() }
        long.session.answer(long.session.requests[0].id, status: 200)
        for _ in 0..<5 { long.session.deliver(long.session.requests[0].id, [UInt8](repeating: 32, count: 16_384)) }
        #expect(long.events(.error).count == 1)
    }

    @Test func `are left alone by a call that ends first`() throws {
        let call = try PipecatCall(config: Self.config)
        call.close()
        #expect(call.session.openRequests.isEmpty)
        #expect(call.session.eventsAfterClose == 0)
    }

    @Test(arguments: ["", "bot", "ftp://x", "ws://", "ws:/x", "ws://a b", "http://"])
    func `cannot be where no URL leads`(url: String) throws {
        for kind in [PluginKind.s2s, .backend] {
            #expect(throws: PluginError.self) {
                try FakeHost().open(pipecatModule.table, kind, "pipecat", config: #"{"url":"\#(url)"}"#)
            }
        }
    }

    @Test func `are looked for where Pipecat listens unless told`() throws {
        let call = try PipecatCall(config: "{}", isReady: false)
        defer { call.close() }
        #expect(call.session.requests.first?.url == "ws://localhost:8765")
    }

    @Test func `are counted by the backend`() throws {
        let host = FakeHost()
        let provider = try host.open(pipecatModule.table, .backend, "pipecat", config: #"{"url":"ws://127.0.0.1:1"}"#)
        #expect(provider.health() == .ok)
        let session = try provider.openSession()
        #expect(session.sendAudio([1]) == .skip)
        session.send(OutgoingEvent(.drain))
        #expect(session.events.map(\.type) == [.drained])
        session.close()
        #expect(host.metrics == [0: 1])
        #expect(host.events.map(\.type) == [.drained])
        provider.close()
    }
}
