// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing
import Vapi

@Suite("Vapi: how calls begin and end")
struct VapiCallTests {
    @Test func `asks for nothing that costs money before the host has said how the call is to be`() throws {
        let call = try VapiCall(stage: .opened)
        #expect(call.session.requests.isEmpty)
        call.close()
        #expect(call.session.requests.isEmpty)
    }

    @Test func `creates the call by one request that says everything, and connects where it is told to`() throws {
        let call = try VapiCall(
            config: #"""
                {"base_url":"https://eu.vapi.ai/","api_key":"${secret:api_key}","assistant":{"firstMessage":"Hi."},
                 "overrides":{"variableValues":{"name":"Ann"}},"name":"night","metadata":{"a":1,"b":2}}
                """#,
            options: #"{"metadata":{"b":3}}"#,
            stage: .created
        )
        defer { call.close() }
        let request = try #require(call.session.requests.first)
        #expect(request.url == "https://eu.vapi.ai/call" && request.method == "POST")
        #expect(request.header("authorization") == "Bearer ${secret:api_key}")
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("idempotency-key")?.hasPrefix("syrinx-") == true)
        #expect(
            try JSONValue(parsing: request.bodyText) == [
                "assistant": ["firstMessage": "Hi."], "name": "night",
                "assistantOverrides": ["variableValues": ["name": "Ann"], "metadata": ["a": 1, "b": 3]],
                "transport": [
                    "provider": "vapi.websocket", "conversationType": "voice",
                    "audioFormat": ["format": "pcm_s16le", "container": "raw", "sampleRate": 16_000],
                ],
            ]
        )
        #expect(call.session.requests.count == 2 && call.session.requests[1].url == VapiCall.socketURL)
        #expect(call.session.requests[1].header("authorization") == nil)
        #expect(call.session.events.isEmpty)
        call.session.acceptSocket(call.socket)
        #expect(call.types == [.ready])
    }

    @Test func `names each call by a key of its own`() throws {
        let keys = try (0..<3).map { _ in
            let call = try VapiCall(stage: .configured)
            defer { call.close() }
            return call.session.requests.first?.header("idempotency-key") ?? ""
        }
        #expect(Set(keys).count == 3)
    }

    @Test func `lets a session say who answers`() throws {
        let call = try VapiCall(options: #"{"squad_id":"s1"}"#, stage: .configured)
        defer { call.close() }
        let body = try JSONValue(parsing: call.session.requests[0].bodyText)
        #expect(body["squadId"] == "s1" && body["assistantId"] == nil)
    }

    @Test(arguments: [
        #"{"assistant_id":"a","squad_id":"s"}"#, #"{"assistant_id":"a","assistant":{}}"#,
    ])
    func `asks for no call of which it is not clear who answers`(config: String) throws {
        let call = try VapiCall(config: config, stage: .configured)
        defer { call.close() }
        #expect(call.session.requests.isEmpty)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.invalid.rawValue)])
        #expect(call.events(.error)[0].text.contains("assistant_id"))
    }

    @Test func `does not wait for ever for a host that has nothing to say`() throws {
        let call = try VapiCall(stage: .opened)
        defer { call.close() }
        call.session.advance(milliseconds: 1_000)
        #expect(call.session.requests.count == 1)
        call.configure("{}")
        call.session.advance(milliseconds: 1_000)
        #expect(call.session.requests.count == 1 && call.events(.error).isEmpty)
    }

    @Test(arguments: ["api.vapi.ai", "ftp://x", "https://", ""])
    func `refuses what is no URL`(url: String) throws {
        for kind in [PluginKind.s2s, .backend] {
            #expect(throws: PluginError.self) {
                try FakeHost().open(vapiModule.table, kind, "vapi", config: #"{"base_url":"\#(url)"}"#)
            }
        }
    }

    @Test func `keeps what is said before the call is on, and tells the assistant the history first`() throws {
        let call = try VapiCall(
            call: #"{"history":[{"role":"user","text":"Hi."},{"role":"assistant","text":"Hello."}]}"#, stage: .created
        )
        defer { call.close() }
        call.session.sendAudio([1, 2])
        call.prompt(1, "Hello?")
        #expect(call.messages.isEmpty)
        call.session.acceptSocket(call.socket)
        #expect(call.messages.map { $0["message"]?["content"] } == ["Hi.", "Hello.", "Hello?"])
        #expect(call.messages.map { $0["triggerResponseEnabled"] } == [false, false, true])
        #expect(call.heard == VapiCall.bytes([1, 2]))
    }

    @Test func `keeps two seconds of the caller, not more`() throws {
        let call = try VapiCall(stage: .created)
        defer { call.close() }
        for second in 1...5 { call.session.sendAudio([Int16](repeating: Int16(second), count: 16_000)) }
        call.session.acceptSocket(call.socket)
        #expect(call.heard.count == 64_000 && Set(call.heard) == [0, 4, 5])
    }

    @Test func `ends the call when the host does`() throws {
        let call = try VapiCall()
        call.close()
        #expect(call.messages.last == ["type": "end-call"])
        #expect(call.session.closing(call.socket)?.code == 1_000)
        #expect(call.session.eventsAfterClose == 0)

        let early = try VapiCall(stage: .configured)
        early.close()
        #expect(early.session.openRequests.isEmpty)
    }

    @Test func `hangs up with the vendor, after what was said`() throws {
        let call = try VapiCall()
        defer { call.close() }
        call.receive(VapiWire.botStarted)
        call.prompt(1)
        call.speak([1_000])
        call.receive(VapiWire.botStopped, VapiWire.ended)
        #expect(call.session.terminals(1).map(\.hangsUp) == [true])
        #expect(call.samples(1) == [1_000])
        #expect(call.session.closing(call.socket)?.code == 1_000)
        call.session.closeSocket(call.socket)
        #expect(call.events(.error).isEmpty)
        call.session.advance(milliseconds: 10_000)
        #expect(call.events(.error).map(\.integer) == [Int64(Status.closed.rawValue)])
    }

    @Test(arguments: [true, false])
    func `hangs up with the vendor while nobody speaks: an empty answer ends the call`(isTold: Bool) throws {
        let call = try VapiCall()
        defer { call.close() }
        if isTold { call.receive(VapiWire.ended) } else { call.session.closeSocket(call.socket, code: 1_000) }
        call.session.advance(milliseconds: 500)
        #expect(call.types == [.ready, .turnEnd, .final])
        call.prompt(1)
        #expect(call.session.terminals(1).map(\.hangsUp) == [true])
        call.prompt(2, "Still there?")
        #expect(call.session.terminals(2).map(\.hangsUp) == [true])
    }

    @Test func `is counted by the backend`() throws {
        let host = FakeHost()
        let provider = try host.open(vapiModule.table, .backend, "vapi", config: "{}")
        #expect(provider.health() == .ok)
        let session = try provider.openSession()
        #expect(session.sendAudio([1]) == .skip)
        session.close()
        #expect(host.metrics == [0: 1])
        provider.close()
    }
}
