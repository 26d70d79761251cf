// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("OpenAI Realtime: interruptions")
struct RealtimeBargeInTests {
    /// 40 ms of samples.
    private let chunk = [Int16](repeating: 7, count: 960)

    /// A call whose answer 7 has said `chunks` times 40 ms and goes on.
    private func speaking(chunks: Int, queueLimit: Int = .max) throws -> RealtimeCall {
        let call = try RealtimeCall(queueLimit: queueLimit)
        call.receive(RealtimeWire.committed, RealtimeWire.created("r1"))
        call.prompt(7)
        for _ in 0..<chunks { call.receive(RealtimeWire.audio("r1", chunk)) }
        return call
    }

    @Test(arguments: [0, 1, 39, 40, 41, 399] as [Int64])
    func `cancels at the vendor and truncates at the very millisecond that was heard`(heard: Int64) throws {
        let call = try speaking(chunks: 10)
        defer { call.close() }
        call.receive(RealtimeWire.started)
        call.session.cancel(7)
        call.heard(7, heard)
        #expect(call.sent("response.cancel").map { $0["response_id"] } == ["r1"])
        let cuts = call.sent("conversation.item.truncate")
        #expect(cuts.map { $0["item_id"] } == ["a1"])
        #expect(cuts.map { $0["content_index"] } == [0])
        #expect(cuts.map { $0["audio_end_ms"]?.int } == [heard])
        #expect(call.session.terminals(7).map(\.type) == [.cancelled])
        let before = call.session.events.count
        call.receive(RealtimeWire.audio("r1", chunk), RealtimeWire.words("r1", "late"))
        call.receive(RealtimeWire.done("r1", "cancelled"))
        #expect(call.session.events[before...].map(\.type) == [.usage])
    }

    @Test func `truncates an answer that had ended at the vendor long before`() throws {
        let call = try speaking(chunks: 50)
        defer { call.close() }
        call.receive(RealtimeWire.done("r1"))
        #expect(call.session.terminals(7).map(\.type) == [.done])
        call.receive(RealtimeWire.started)
        call.session.cancel(7)
        call.heard(7, 731)
        #expect(call.sent("response.cancel").isEmpty)
        #expect(call.sent("conversation.item.truncate").map { $0["audio_end_ms"] } == [731])
        #expect(call.session.terminals(7).map(\.type) == [.done])
    }

    @Test func `leaves an item alone that was heard to its end`() throws {
        let call = try speaking(chunks: 10)
        defer { call.close() }
        call.receive(RealtimeWire.done("r1"))
        call.session.cancel(7)
        call.heard(7, 400)
        call.heard(7, 100)
        call.heard(99, 100)
        call.heard(7, .min)
        #expect(call.sent("conversation.item.truncate").isEmpty)
    }

    @Test func `splits what was heard over the items of an answer`() throws {
        let call = try speaking(chunks: 5)
        defer { call.close() }
        for item in ["a2", "a3"] {
            for _ in 0..<5 { call.receive(RealtimeWire.audio("r1", chunk, item: item)) }
        }
        call.session.cancel(7)
        call.heard(7, 250)
        let cuts = call.sent("conversation.item.truncate")
        #expect(cuts.map { $0["item_id"] } == ["a2", "a3"])
        #expect(cuts.map { $0["audio_end_ms"] } == [50, 0])
    }

    @Test func `drops what waits for credit, and sends nothing of it later`() throws {
        let call = try speaking(chunks: 30, queueLimit: 8)
        defer { call.close() }
        call.receive(RealtimeWire.done("r1"))
        #expect(call.session.events.count == 8)
        call.session.cancel(7)
        for _ in 0..<10 { call.session.takeAll() }
        #expect(call.samples(7).count <= 8 * 960)
        #expect(call.session.terminals(7).map(\.type) == [.cancelled])
    }

    @Test func `stops an answer that the vendor breaks off since the caller speaks`() throws {
        let call = try speaking(chunks: 30, queueLimit: 8)
        defer { call.close() }
        call.receive(RealtimeWire.started)
        call.receive(RealtimeWire.done("r1", "cancelled", #","status_details":{"reason":"turn_detected"}"#))
        for _ in 0..<10 { call.session.takeAll() }
        #expect(call.samples(7).count < 8 * 960)
        #expect(call.session.terminals(7).map(\.type) == [.done])
        #expect(call.events(.speechStart).count == 1)
    }

    @Test func `cancels a response as soon as it begins when the host was faster`() throws {
        let call = try RealtimeCall()
        defer { call.close() }
        call.receive(RealtimeWire.committed)
        call.prompt(7)
        call.session.cancel(7)
        #expect(call.sent("response.cancel").isEmpty)
        call.receive(RealtimeWire.created("r1"), RealtimeWire.audio("r1", chunk))
        #expect(call.sent("response.cancel").map { $0["response_id"] } == ["r1"])
        #expect(call.session.terminals(7).map(\.type) == [.cancelled])
        call.receive(RealtimeWire.done("r1", "cancelled"), RealtimeWire.committed, RealtimeWire.created("r2"))
        call.prompt(8)
        call.receive(RealtimeWire.words("r2", "fresh"), RealtimeWire.done("r2"))
        #expect(call.session.answer(8) == "fresh")
    }

    @Test func `takes a typed turn back that was not asked for yet`() throws {
        let call = try speaking(chunks: 1)
        defer { call.close() }
        call.prompt(8, "Never mind.")
        call.session.cancel(8)
        call.receive(RealtimeWire.done("r1"))
        #expect(call.sent("response.create").isEmpty)
        #expect(call.session.terminals(8).map(\.type) == [.cancelled])
    }

    @Test func `goes on after the vendor had nothing to cancel or to truncate`() throws {
        let call = try speaking(chunks: 1)
        defer { call.close() }
        call.session.cancel(7)
        for (code, event) in [("response_cancel_not_active", "cancel"), ("invalid_value", "truncate")] {
            call.receive(
                #"{"type":"error","error":{"type":"invalid_request_error","code":"\#(code)","message":"x","event_id":"\#(event)"}}"#
            )
        }
        call.receive(RealtimeWire.committed, RealtimeWire.created("r2"), RealtimeWire.words("r2", "yes"))
        call.prompt(8)
        #expect(call.session.answer(8) == "yes")
        #expect(call.events(.error).isEmpty)
    }

    @Test func `cancels once, and nothing that it does not know`() throws {
        let call = try speaking(chunks: 1)
        defer { call.close() }
        call.session.cancel(55)
        call.session.cancel(7)
        call.session.cancel(7)
        call.session.cancel(0)
        #expect(call.sent("response.cancel").count == 1)
        #expect(call.session.events.filter { $0.type == .cancelled }.map(\.generation) == [7])
    }
}
