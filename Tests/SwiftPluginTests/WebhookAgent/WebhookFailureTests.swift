// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("webhook fails by class")
struct WebhookFailureTests {
    static let statuses: [(Int, Status, Bool)] = [
        (400, .invalid, false), (401, .unauthenticated, false), (403, .notPermitted, false), (404, .notFound, false),
        (408, .deadlineExceeded, true), (409, .unavailable, true), (413, .invalid, false),
        (429, .quotaExceeded, true), (500, .unavailable, true), (503, .unavailable, true),
        (504, .deadlineExceeded, true), (301, .internalError, false),
    ]

    @Test(arguments: statuses)
    func `when the endpoint refuses, even with a fallback line`(code: Int, status: Status, isRetryable: Bool) throws {
        let desk = try WebhookDesk(#""fallback":"Sorry.""#)
        desk.session.prompt("hi", generation: 1)
        desk.session.respond(desk.request.id, status: code, headers: ["Retry-After": "3"], body: "<html>")
        let error = try #require(desk.session.terminals(1).first)
        #expect(desk.session.events.count == 1)
        #expect(error.integer == Int64(status.rawValue) && error.isRetryable == isRetryable)
        #expect(error.json == #"{"retry_after_ms":3000,"vendor_code":\#(code)}"#)
        desk.close()
    }

    static let broken: [(String, String)] = [
        ("{\"text\":", "application/json"), ("[1]", "application/json"), ("{\"text\":5}", "application/json"),
        ("{\"hang_up\":1}", "application/json"), ("{\"tool_calls\":{}}", "application/json"),
        ("{\"tool_calls\":[{}]}", "application/json"), ("{\"tool_calls\":[7]}", "application/json"),
        ("{\"tool_calls\":[{\"name\":\"a\",\"arguments\":1e999}]}", "application/json"),
        ("{\"tool_calls\":[{\"name\":\"a\",\"arguments\":\"{\"}]}", "application/json"),
        ("<html></html>", "text/html"), ("\u{1}\u{2}", "application/octet-stream"),
        ("data: hello\n\n", "text/event-stream"), ("data: {\"delta\":[]}\n\n", "text/event-stream"),
        ("data: {\"del", "text/event-stream"), ("{\"delta\":\"a\"\n", "application/x-ndjson"),
        (String(repeating: "[", count: 9_000), "application/json"),
        (String(repeating: " ", count: 2 << 20), "application/json"),
    ]

    @Test(arguments: broken) func `when the reply is malformed`(body: String, type: String) throws {
        let desk = try WebhookDesk(#""fallback":"Sorry.""#)
        desk.session.prompt("hi", generation: 1)
        desk.reply(body, type: type)
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(Status.internalError.rawValue)])
        #expect(desk.session.answer(1).isEmpty)
        desk.close()
    }

    @Test func `when it reports an error of its own`() throws {
        let desk = try WebhookDesk()
        desk.session.prompt("hi", generation: 1)
        desk.reply(
            "data: {\"delta\":\"So\"}\n\ndata: {\"error\":{\"message\":\"gone\"}}\n\n", type: "text/event-stream")
        #expect(desk.session.answer(1) == "So")
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(Status.unavailable.rawValue)])
        desk.close()
    }

    @Test func `not for broken characters in a text`() throws {
        let desk = try WebhookDesk()
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.answer(id, status: 200, headers: ["content-type": "text/plain"])
        for byte in [0x61, 0xFF, 0x80, 0x80, 0x80, 0x80, 0x80, 0x62, 0xF0, 0x9F] as [UInt8] {
            desk.session.deliver(id, [byte])
        }
        desk.session.finish(id)
        let answer = desk.session.answer(1)
        #expect(answer.hasPrefix("a\u{FFFD}") && answer.contains("b") && answer.hasSuffix("\u{FFFD}"))
        #expect(desk.session.terminals(1).map(\.type) == [.done])
        desk.close()
    }

    @Test func `says the fallback line once when no word comes in time`() throws {
        let desk = try WebhookDesk(#""timeout_ms":1000,"fallback":"Sorry, say that again?""#)
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.answer(id, status: 200, headers: ["content-type": "application/json"])
        desk.session.deliver(id, "{\"text\":\"l")
        desk.session.advance(milliseconds: 999)
        #expect(desk.session.events.isEmpty)
        desk.session.advance(milliseconds: 1)
        desk.session.deliver(id, "ate\"}")
        desk.session.advance(milliseconds: 5_000)
        #expect(desk.session.events.map(\.type) == [.delta, .done])
        #expect(desk.session.answer(1) == "Sorry, say that again?")
        #expect(!desk.session.terminals(1)[0].hangsUp)
        desk.close()
    }

    @Test func `fails as late without a fallback line, or in the middle of an answer`() throws {
        let silent = try WebhookDesk()
        silent.session.prompt("hi", generation: 1)
        silent.session.advance(milliseconds: 4_000)
        #expect(silent.session.terminals(1).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])
        #expect(silent.session.terminals(1).map(\.isRetryable) == [true])
        silent.close()
        let stuck = try WebhookDesk(#""fallback":"Sorry.""#)
        stuck.session.prompt("hi", generation: 1)
        stuck.session.answer(stuck.request.id, status: 200, headers: ["content-type": "text/plain"])
        stuck.session.deliver(stuck.request.id, "So")
        stuck.session.advance(milliseconds: 20_000)
        #expect(stuck.session.terminals(1).isEmpty)
        stuck.session.finish(stuck.request.id, error: PluginError(.deadlineExceeded, "no byte", isRetryable: true))
        #expect(stuck.session.answer(1) == "So")
        #expect(stuck.session.terminals(1).map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])
        stuck.close()
    }

    @Test(arguments: [0, 1, 2])
    func `when the connection fails before, inside, or is refused at once`(cut: Int) throws {
        let desk = try WebhookDesk()
        if cut == 2 { desk.session.refusal = .unavailable("connection refused") }
        desk.session.prompt("hi", generation: 1)
        if cut < 2 {
            if cut == 1 { desk.session.answer(desk.request.id, status: 200) }
            desk.session.finish(desk.request.id, error: .unavailable("connection reset"))
        }
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(Status.unavailable.rawValue)])
        desk.close()
    }

    @Test func `ends once when cancelled, wherever that falls`() throws {
        for point in 0...4 {
            let desk = try WebhookDesk(point == 4 ? #""secret":"${secret:secret}""# : "")
            desk.session.secrets = ["secret": "key"]
            desk.session.prompt("hi", generation: 1)
            let id = desk.request.id
            if point >= 1 { desk.session.answer(id, status: 200, headers: ["content-type": "text/event-stream"]) }
            if point == 2 { desk.session.deliver(id, "data: {\"delta\":\"So\"}\n\n") }
            if point == 3 { desk.session.deliver(id, "data: {\"tool_calls\":[{\"name\":\"t\"}]}\n\ndata: [DONE]\n\n") }
            desk.session.cancel(1)
            desk.session.deliver(id, "data: {\"delta\":\"late\"}\n\n")
            desk.session.advance(milliseconds: 20_000)
            if let call = desk.calls.first { desk.result("late", of: call) }
            #expect(desk.session.terminals(1).map(\.type) == [.cancelled])
            #expect(desk.session.requests.count == 1)
            desk.session.prompt("again", generation: 2)
            #expect(desk.session.requests.count == 2)
            desk.close()
            #expect(desk.session.eventsAfterClose == 0)
        }
    }

    @Test func `refuses a prompt that is no JSON, and fails without network`() throws {
        let desk = try WebhookDesk(host: FakeHost(offersNetwork: false))
        desk.session.prompt("hi", generation: 1)
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(Status.unsupported.rawValue)])
        var event = OutgoingEvent(.prompt, generation: 2)
        event.json = "["
        #expect(desk.session.send(event) == .invalid)
        desk.close()
    }
}
