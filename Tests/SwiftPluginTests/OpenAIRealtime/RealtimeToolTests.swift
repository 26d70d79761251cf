// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("OpenAI Realtime: tools")
struct RealtimeToolTests {
    /// A call whose answer 7 has called two tools.
    private func calling(isDone: Bool = true) throws -> RealtimeCall {
        let call = try RealtimeCall()
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"), RealtimeWire.words("r1", "One moment. "))
        call.prompt(7)
        call.receive(
            RealtimeWire.call("r1", "c1", "weather", #"{"place":"Bonn"}"#),
            RealtimeWire.call("r1", "c2", "time", "{}")
        )
        if isDone { call.receive(RealtimeWire.done("r1")) }
        return call
    }

    private static let interrupted: JSONValue = #"{"error":"the caller interrupted"}"#

    private func outputs(_ call: RealtimeCall) -> [JSONValue] {
        call.sent("conversation.item.create").compactMap { $0["item"] }
            .filter { $0["type"] == "function_call_output" }
    }

    @Test func `are called in parallel and go on in the same answer`() throws {
        let call = try calling()
        defer { call.close() }
        let calls = call.events(.toolCall)
        #expect(calls.map(\.text) == ["weather", "time"])
        #expect(calls.map(\.json) == [#"{"place":"Bonn"}"#, "{}"])
        #expect(calls.allSatisfy { $0.generation == 7 })
        #expect(Set(calls.map(\.id)).count == 2)
        #expect(call.session.terminals(7).isEmpty)

        call.toolResult(calls[1].id, "noon", generation: 7)
        #expect(call.sent("response.create").isEmpty)
        call.toolResult(calls[0].id, "rain", generation: 7)
        #expect(outputs(call).map { $0["call_id"] } == ["c2", "c1"])
        #expect(outputs(call).map { $0["output"] } == ["noon", "rain"])
        #expect(call.sent("response.create").count == 1)

        call.receive(RealtimeWire.created("r2", reply: "1"), RealtimeWire.words("r2", "Rain at noon."))
        call.receive(RealtimeWire.done("r2"))
        #expect(call.session.answer(7) == "One moment. Rain at noon.")
        #expect(call.session.terminals(7).map(\.type) == [.done])
    }

    @Test func `that answer at once do not make two responses run`() throws {
        let call = try calling(isDone: false)
        defer { call.close() }
        for tool in call.events(.toolCall) { call.toolResult(tool.id, "ok", generation: 7) }
        #expect(call.sent("response.create").isEmpty)
        call.receive(RealtimeWire.done("r1"))
        #expect(call.sent("response.create").count == 1)
    }

    @Test func `go on also with a server that does not repeat metadata`() throws {
        let call = try calling()
        defer { call.close() }
        for tool in call.events(.toolCall) { call.toolResult(tool.id, "ok", generation: 7) }
        call.receive(RealtimeWire.created("r2"), RealtimeWire.words("r2", "Done."), RealtimeWire.done("r2"))
        #expect(call.session.terminals(7).map(\.type) == [.done])
        #expect(call.session.answer(7) == "One moment. Done.")
    }

    @Test func `are told to the vendor after a cancel, too, but nothing is asked for`() throws {
        let call = try calling()
        defer { call.close() }
        call.session.cancel(7)
        #expect(outputs(call).map { $0["call_id"] } == ["c1", "c2"])
        #expect(outputs(call).allSatisfy { $0["output"] == Self.interrupted })
        for tool in call.events(.toolCall) { call.toolResult(tool.id, "late", generation: 7) }
        call.toolResult(4_711, "unknown", generation: 7)
        #expect(outputs(call).count == 2)
        #expect(call.sent("response.create").isEmpty)
        #expect(call.session.terminals(7).map(\.type) == [.cancelled])
    }

    @Test func `do not pile up when one answer after another is cancelled`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        for round in UInt64(1)...65 {
            call.receive(RealtimeWire.committed, RealtimeWire.created("r\(round)"))
            call.prompt(round)
            call.receive(RealtimeWire.call("r\(round)", "c\(round)", "weather", "{}"), RealtimeWire.done("r\(round)"))
            call.session.cancel(round)
        }
        #expect(outputs(call).map { $0["call_id"]?.string } == (1...65).map { "c\($0)" })
        #expect(call.events(.error).isEmpty)
    }

    @Test func `that the model calls in a cancelled answer have a result, too, and are not called`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(7)
        call.session.cancel(7)
        call.receive(RealtimeWire.call("r1", "c1", "weather", "{}"), RealtimeWire.done("r1", "cancelled"))
        #expect(outputs(call).map { $0["call_id"] } == ["c1"])
        #expect(call.events(.toolCall).isEmpty)
    }

    @Test func `of an answer that the vendor breaks off have a result, for the host brings none`() throws {
        let call = try calling(isDone: false)
        defer { call.close() }
        call.receive(RealtimeWire.done("r1", "cancelled"))
        #expect(outputs(call).map { $0["output"] } == [Self.interrupted, Self.interrupted])
        #expect(call.session.terminals(7).map(\.type) == [.done])
    }

    @Test func `are asked for again when the server was busy, three times at most`() throws {
        let call = try calling()
        defer { call.close() }
        for tool in call.events(.toolCall) { call.toolResult(tool.id, "ok", generation: 7) }
        let busy = #"""
            {"type":"error","error":{"type":"invalid_request_error","code":"conversation_already_has_active_response",
             "message":"busy","event_id":"create-1"}}
            """#
        call.receive(busy)
        #expect(call.sent("response.create").count == 2)
        call.receive(busy, busy, busy)
        #expect(call.sent("response.create").count == 3)
        #expect(call.session.terminals(7).map(\.type) == [.error])
    }

    @Test func `wait for the response that is in their way`() throws {
        let call = try calling()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r2"))
        for tool in call.events(.toolCall) { call.toolResult(tool.id, "ok", generation: 7) }
        #expect(call.sent("response.create").isEmpty)
        call.receive(RealtimeWire.done("r2"))
        #expect(call.sent("response.create").count == 1)
    }

    @Test func `get an object whatever the model wrote, and a name from where it stands`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(7)
        call.receive(
            #"{"type":"response.output_item.added","response_id":"r1","item":{"type":"function_call","call_id":"c9","name":"late"}}"#,
            #"{"type":"response.function_call_arguments.done","response_id":"r1","call_id":"c9","arguments":"{\"half\":"}"#
        )
        #expect(call.events(.toolCall).map(\.text) == ["late"])
        #expect(call.events(.toolCall).map(\.json) == ["{}"])
    }
}
