// SPDX-License-Identifier: Apache-2.0
import Glibc
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("webhook posts and answers")
struct WebhookAgentTests {
    @Test func `posts the turn with what was said before and what may be called`() throws {
        let host = FakeHost()
        let desk = try WebhookDesk(#""bearer":"${secret:bearer}""#, host: host)
        #expect(host.prewarmed == [WebhookDesk.url])
        desk.session.prompt("what time is it", generation: 4, json: WebhookDesk.extras)
        #expect(desk.request.method == "POST" && desk.request.url == WebhookDesk.url)
        #expect(desk.request.header("content-type") == "application/json")
        #expect(desk.request.header("authorization") == "Bearer ${secret:bearer}")
        #expect(desk.request.header("webhook-signature") == nil)
        #expect(desk.request.generation == 4 && desk.request.silenceMilliseconds == 4_000)
        let body = try desk.body().text
        let expected: JSONValue = [
            "session": "", "generation": 4, "text": "what time is it", "language": "en-GB",
            "history": [["role": "user", "text": "hi"]], "tools": [["name": "time", "parameters": [:]]],
        ]
        #expect(body == expected.text)
        desk.close()
    }

    @Test func `signs as the server's own webhooks are signed`() throws {
        let desk = try WebhookDesk(#""secret":"${secret:secret}""#)
        desk.session.secrets = ["secret": "a key"]
        desk.session.prompt("hi", generation: 7)
        let request = desk.request
        let (id, time) = (try #require(request.header("webhook-id")), try #require(request.header("webhook-timestamp")))
        #expect(id == "msg__7_1")
        #expect(abs(try #require(Int(time)) - Glibc.time(nil)) < 60)
        let digest = SHA256.hmac(key: Array("a key".utf8), Array("\(id).\(time).".utf8) + request.body)
        #expect(request.header("webhook-signature") == "v1," + Base64.encode(digest))
        desk.close()
    }

    @Test func `sends nothing unsigned when the secret is not there`() throws {
        let desk = try WebhookDesk(#""secret":"${secret:secret}""#)
        desk.session.prompt("hi", generation: 1)
        #expect(desk.session.requests.isEmpty)
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(Status.notFound.rawValue)])
        desk.close()
    }

    static let replies: [(String, String?)] = [
        (#"{"text":"Grüß Gott."}"#, "application/json"),
        ("\n {\"text\":\"Grüß Gott.\"}", nil),
        ("Grüß Gott.", "text/plain; charset=utf-8"),
        ("Grüß Gott.", nil),
        ("data: {\"delta\":\"Grüß \"}\n\ndata: {\"delta\":\"Gott.\"}\n\ndata: [DONE]\n\ndata: {}", "text/event-stream"),
        ("data: {\"delta\":\"Grüß Gott.\"}\r\n\r\n", "text/event-stream"),
        ("{\"delta\":\"Grüß \"}\n\n{\"text\":\"Gott.\"}", "application/x-ndjson"),
        ("{\"delta\":\"Grüß Gott.\"}\r\n{\"hang_up\":false,\"tool_calls\":null}\n", "application/jsonl"),
    ]

    @Test(arguments: replies) func `says a reply of any form, however it is cut`(body: String, type: String?) throws {
        for pieceBytes in [1, 2, 3, 5, 1_000] {
            let desk = try WebhookDesk()
            desk.session.prompt("hi", generation: 1)
            desk.reply(body, type: type, pieceBytes: pieceBytes)
            #expect(desk.session.answer(1) == "Grüß Gott.")
            #expect(desk.session.terminals(1).map(\.type) == [.done])
            #expect(desk.session.terminals(1).map(\.hangsUp) == [false])
            desk.close()
        }
    }

    @Test func `says words as they come`() throws {
        for (type, first, said) in [
            ("text/event-stream", "data: {\"delta\":\"One\"}\n\n", "One"),
            ("application/x-ndjson", "{\"delta\":\"1\"}\n", "1"),
            ("text/plain", "a 🌍", "a 🌍"),
        ] {
            let desk = try WebhookDesk()
            desk.session.prompt("hi", generation: 1)
            desk.session.answer(desk.request.id, status: 200, headers: ["Content-Type": type])
            desk.session.deliver(desk.request.id, first)
            #expect(desk.session.answer(1) == said)
            #expect(desk.session.terminals(1).isEmpty)
            desk.close()
        }
    }

    @Test(arguments: [
        (#"{"text":"Bye.","hang_up":true}"#, "application/json"),
        ("data: {\"delta\":\"Bye.\"}\n\ndata: {\"hang_up\":true}\n\ndata: [DONE]\n\n", "text/event-stream"),
    ])
    func `hangs up when told to`(body: String, type: String) throws {
        let desk = try WebhookDesk()
        desk.session.prompt("bye", generation: 1)
        desk.reply(body, type: type)
        #expect(desk.session.answer(1) == "Bye.")
        #expect(desk.session.terminals(1).map(\.hangsUp) == [true])
        desk.close()
    }

    @Test func `says nothing when there is nothing to say`() throws {
        for (status, body) in [(204, ""), (200, ""), (200, "{}"), (200, #"{"text":null}"#)] {
            let desk = try WebhookDesk()
            desk.session.prompt("hm", generation: 1)
            desk.session.respond(desk.request.id, status: status, body: body)
            #expect(desk.session.events.map(\.type) == [.done])
            desk.close()
        }
    }

    @Test func `has tools called at once and posts their results, one of them an error`() throws {
        let desk = try WebhookDesk()
        desk.session.prompt("hi", generation: 1, json: WebhookDesk.extras)
        desk.reply(
            #"""
            {"text":"One moment.","tool_calls":[{"id":"a","name":"time","arguments":{"z":1}},
            {"name":"time","arguments":"{\"z\":2}"},{"name":"time"}]}
            """#)
        #expect(desk.calls.map(\.json) == [#"{"z":1}"#, #"{"z":2}"#, "{}"])
        #expect(desk.session.terminals(1).isEmpty)
        desk.result("12:00", of: desk.calls[1])
        desk.result("no such zone", of: desk.calls[0], failed: true)
        #expect(desk.session.requests.count == 1)
        desk.result("13:00", of: desk.calls[2])
        #expect(desk.session.send(OutgoingEvent(.toolResult, generation: 1, id: desk.calls[2].id)) == .skip)
        #expect(desk.request.header("webhook-id") == "msg__1_2")
        let results = try #require(desk.body(1)["tool_results"]).text
        let expected: JSONValue = [
            ["id": "a", "name": "time", "arguments": ["z": 1], "text": "no such zone", "failed": true],
            ["id": "call_2", "name": "time", "arguments": ["z": 2], "text": "12:00", "failed": false],
            ["id": "call_3", "name": "time", "arguments": [:], "text": "13:00", "failed": false],
        ]
        #expect(results == expected.text)
        desk.reply(#"{"text":"It is noon."}"#)
        #expect(desk.session.answer(1) == "One moment. It is noon.")
        #expect(desk.session.terminals(1).map(\.type) == [.done])
        desk.close()
    }

    @Test func `waits for the end of a stream whose tools have answered already`() throws {
        let desk = try WebhookDesk()
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.answer(id, status: 200, headers: ["content-type": "text/event-stream"])
        desk.session.deliver(id, "data: {\"tool_calls\":[{\"name\":\"time\"}]}\n\n")
        desk.result("12:00", of: desk.calls[0])
        #expect(desk.session.requests.count == 1)
        desk.session.deliver(id, "data: {\"delta\":\"So\"}\n\ndata: [DONE]\n\n")
        #expect(desk.session.requests.count == 2)
        desk.reply(#"{"text":"noon."}"#)
        #expect(desk.session.answer(1) == "So noon.")
        desk.close()
    }

    @Test func `does not call tools for ever`() throws {
        let desk = try WebhookDesk()
        desk.session.prompt("hi", generation: 1)
        for round in 0..<20 where desk.session.terminals(1).isEmpty {
            desk.reply(#"{"tool_calls":[{"name":"time"}]}"#)
            if desk.calls.count > round { desk.result("12:00", of: desk.calls[round]) }
        }
        #expect(desk.session.terminals(1).map(\.type) == [.error])
        desk.close()
    }

    @Test func `is drained after the last answer, and loses no word to a slow host`() throws {
        let desk = try WebhookDesk(queueLimit: 1)
        desk.session.prompt("hi", generation: 1)
        desk.session.send(OutgoingEvent(.drain))
        let lines = (0..<3_000).map { "{\"delta\":\"w\($0) \"}\n" }.joined()
        desk.reply(lines, type: "application/x-ndjson")
        for _ in 0..<1_000 { desk.session.takeAll() }
        #expect(desk.session.answer(1) == (0..<3_000).map { "w\($0) " }.joined())
        #expect(desk.session.events.suffix(2).map(\.type) == [.done, .drained])
        desk.close()
    }
}
