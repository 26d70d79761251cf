// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("openai_chat fails by class")
struct ChatFailureTests {
    struct Refusal: CustomTestStringConvertible, Sendable {
        let status: Int
        var headers: [String: String] = [:]
        var body = #"{"error":{"message":"Because.","type":"some_error","code":null}}"#
        let expected: Status
        var isRetryable = false
        var extras = ""
        var testDescription: String { "\(status) \(body.prefix(30))" }
    }

    static let refusals = [
        Refusal(status: 400, expected: .invalid, extras: #"{"vendor_code":400}"#),
        Refusal(
            status: 401, body: #"{"error":{"message":"Incorrect API key: sk-123","code":"invalid_api_key"}}"#,
            expected: .unauthenticated),
        Refusal(status: 402, expected: .quotaExceeded),
        Refusal(status: 403, expected: .notPermitted),
        Refusal(status: 404, body: "<html>\u{0}", expected: .notFound),
        Refusal(status: 408, expected: .deadlineExceeded, isRetryable: true),
        Refusal(status: 409, expected: .unavailable, isRetryable: true),
        Refusal(status: 413, body: "", expected: .invalid),
        Refusal(status: 422, body: "{\"error\":", expected: .invalid),
        Refusal(
            status: 429, headers: ["Retry-After": "2"], expected: .quotaExceeded, isRetryable: true,
            extras: #"{"retry_after_ms":2000,"vendor_code":429}"#),
        Refusal(
            status: 429, headers: ["retry-after-ms": "150", "retry-after": "9"], expected: .quotaExceeded,
            isRetryable: true, extras: #"{"retry_after_ms":150,"vendor_code":429}"#),
        Refusal(status: 429, headers: ["retry-after": "1e999"], expected: .quotaExceeded, isRetryable: true),
        Refusal(
            status: 429, body: #"{"error":{"message":"No money.","code":"insufficient_quota"}}"#,
            expected: .quotaExceeded),
        Refusal(status: 500, expected: .unavailable, isRetryable: true),
        Refusal(status: 500, headers: ["x-should-retry": "false"], expected: .unavailable),
        Refusal(status: 503, body: "[1e999,\"\\ud800\"]", expected: .unavailable, isRetryable: true),
        Refusal(status: 504, expected: .deadlineExceeded, isRetryable: true),
        Refusal(status: 302, expected: .internalError),
    ]

    @Test(arguments: refusals) func `when the server refuses`(refusal: Refusal) throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.respond(id, status: refusal.status, headers: refusal.headers, body: refusal.body)
        let error = try #require(desk.session.terminals(1).first)
        #expect(desk.session.events.map(\.type) == [.error])
        #expect(error.integer == Int64(refusal.expected.rawValue))
        #expect(error.isRetryable == refusal.isRetryable)
        if !refusal.extras.isEmpty { #expect(error.json == refusal.extras) }
        #expect(error.text.contains("\(refusal.status)") && !error.text.contains("sk-"))
        desk.close()
    }

    @Test(arguments: [
        (PluginError(.unavailable, "connection refused", isRetryable: true), Status.unavailable),
        (PluginError(.deadlineExceeded, "no byte for 8 s", isRetryable: true), .deadlineExceeded),
        (PluginError(.notPermitted, "not in the allow list"), .notPermitted),
    ])
    func `when the connection fails before, inside, or is refused at once`(error: PluginError, status: Status) throws {
        for cut in 0...2 {
            let desk = try ChatDesk()
            if cut == 2 { desk.session.refusal = error }
            desk.session.prompt("hi", generation: 1)
            if cut < 2, let id = desk.session.requests.last?.id {
                if cut == 1 {
                    desk.session.answer(id, status: 200)
                    desk.session.deliver(id, "data: \(ChatDesk.text("So"))\n\ndata: {\"cho")
                }
                desk.session.finish(id, error: error)
            }
            #expect(desk.session.terminals(1).map(\.integer) == [Int64(status.rawValue)])
            #expect(desk.session.terminals(1).map(\.isRetryable) == [error.isRetryable])
            desk.close()
        }
    }

    @Test func `not when the connection breaks behind the answer`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.answer(id, status: 200)
        desk.session.deliver(id, "data: \(ChatDesk.text("So."))\n\ndata: \(ChatDesk.finish())\n\n")
        desk.session.finish(id, error: .unavailable("reset"))
        #expect(desk.session.terminals(1).map(\.type) == [.done])
        desk.close()
    }

    static let broken: [(String, Status)] = [
        ("", .unavailable), ("data: ", .unavailable), ("{}", .unavailable), ("<html>oops</html>", .unavailable),
        ("data: {\"choices\":[", .internalError), ("data: [1,2]\n\n", .internalError),
        ("data: {\"choices\":7}\n\n", .internalError), ("data: {\"choices\":[7]}\n\n", .internalError),
        ("data: {\"choices\":[{\"delta\":\"x\"}]}\n\n", .internalError),
        ("data: {\"choices\":[{\"delta\":{\"content\":5}}]}\n\n", .internalError),
        ("data: {\"choices\":[{\"delta\":{\"tool_calls\":{}}}]}\n\n", .internalError),
        ("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1e300}]}}]}\n\n", .internalError),
        ("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":3}}]}}]}\n\n", .internalError),
        ("data: \(String(repeating: "[", count: 5_000))\n\n", .internalError),
        ("data: \(ChatDesk.text("So"))\n\n", .unavailable),
        ("{\"error\":{\"message\":\"x\",\"type\":\"invalid_request_error\"}}", .invalid),
    ]

    @Test(arguments: broken) func `when the answer is malformed`(body: String, status: Status) throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        desk.session.respond(desk.request.id, body: body)
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(status.rawValue)])
        desk.close()
    }

    @Test func `not for numbers and characters that make no difference`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.answer(id, status: 200)
        desk.session.deliver(
            id, Array("data: {\"created\":1e999,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a".utf8))
        desk.session.deliver(id, [0xFF, 0xC3])
        desk.session.deliver(id, Array("b\"}}],\"usage\":{\"prompt_tokens\":1e300}}\n\ndata: [DONE]\n\n".utf8))
        #expect(desk.session.answer(1) == "a\u{FFFD}\u{FFFD}b")
        #expect(desk.session.terminals(1).map(\.type) == [.done])
        desk.close()
    }

    @Test(arguments: [
        (#"{"error":{"message":"Slow down","type":"rate_limit_exceeded"}}"#, Status.quotaExceeded, true),
        (#"{"error":{"message":"Empty","code":"insufficient_quota"}}"#, .quotaExceeded, false),
        (#"{"error":{"message":"Busy","code":503}}"#, .unavailable, true),
        (#"{"error":"out of memory"}"#, .unavailable, true),
        (#"{"error":{"message":"Bad key","code":"invalid_api_key"}}"#, .unauthenticated, false),
        (#"{"error":{"message":"long","code":"context_length_exceeded"}}"#, .invalid, false),
    ])
    func `when an error comes in the middle of the stream`(chunk: String, status: Status, isRetryable: Bool) throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        desk.stream([ChatDesk.text("So"), chunk, ChatDesk.text("on"), ChatDesk.done])
        #expect(desk.session.answer(1) == "So")
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(status.rawValue)])
        #expect(desk.session.terminals(1).map(\.isRetryable) == [isRetryable])
        desk.close()
    }

    @Test func `when the filter lets nothing through`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        desk.stream([ChatDesk.finish("content_filter"), ChatDesk.done])
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(Status.invalid.rawValue)])
        desk.close()
    }

    @Test func `when the first token does not come, one byte a second or none`() throws {
        let desk = try ChatDesk(config: #"{"timeout_ms":3000}"#)
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.answer(id, status: 200)
        for byte in Array("data: {\"choices\"".utf8) where desk.session.terminals(1).isEmpty {
            desk.session.deliver(id, [byte])
            desk.session.advance(milliseconds: 1_000)
        }
        let error = try #require(desk.session.terminals(1).first)
        #expect(error.integer == Int64(Status.deadlineExceeded.rawValue) && error.isRetryable)
        #expect(desk.session.terminals(1).count == 1)
        desk.close()
    }

    @Test func `without network, and refuses a prompt that is no JSON`() throws {
        let desk = try ChatDesk(host: FakeHost(offersNetwork: false))
        desk.session.prompt("hi", generation: 1)
        #expect(desk.session.terminals(1).map(\.integer) == [Int64(Status.unsupported.rawValue)])
        var event = OutgoingEvent(.prompt, generation: 2)
        event.json = "{\"history\":"
        #expect(desk.session.send(event) == .invalid)
        #expect(desk.session.terminals(2).isEmpty)
        desk.close()
    }

    @Test func `ends once when cancelled, wherever that falls`() throws {
        for point in 0...5 {
            let desk = try ChatDesk(queueLimit: point == 5 ? 1 : .max)
            desk.session.prompt("hi", generation: 1, json: ChatDesk.tools)
            let id = desk.request.id
            if point >= 1 { desk.session.answer(id, status: 200) }
            if point >= 2 { desk.session.deliver(id, "data: \(ChatDesk.text("So"))\n\n") }
            if point == 3 { desk.session.deliver(id, "data: \(ChatDesk.finish())\n\n") }
            if point == 4 {
                let call = ChatDesk.call(0, id: "a", name: "time")
                desk.session.deliver(id, "data: \(call)\n\ndata: [DONE]\n\n")
                #expect(desk.calls.count == 1)
            }
            if point == 5 { desk.session.deliver(id, "data: \(ChatDesk.text("on"))\n\ndata: [DONE]\n\n") }
            desk.session.cancel(1)
            desk.session.takeAll()
            desk.session.takeAll()
            desk.session.deliver(id, "data: \(ChatDesk.text("late"))\n\n")
            desk.session.advance(milliseconds: 20_000)
            if let call = desk.calls.first { desk.result("late", of: call) }
            #expect(desk.session.terminals(1).map(\.type) == [.cancelled])
            #expect(desk.session.requests.count == 1)
            #expect(!desk.session.answer(1).contains("late"))
            desk.session.prompt("again", generation: 2)
            #expect(desk.session.requests.count == 2)
            desk.close()
            #expect(desk.session.eventsAfterClose == 0)
        }
    }

    @Test func `says nothing after it is closed`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        desk.session.answer(desk.request.id, status: 200)
        desk.close()
        #expect(desk.session.eventsAfterClose == 0)
        #expect(desk.session.events.isEmpty)
    }
}
