// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import LiveKitBackend

@Suite("LiveKit: what is said")
struct LiveKitTalkTests {
    private func ramp(_ value: Int16) -> [Int16] { [Int16](repeating: value, count: 320) }

    /// What the library got that is not silence, one number for each 10 ms.
    private func said(_ stage: LiveKitStage) -> [Int16] {
        stage.library.captured.compactMap(\.first).filter { $0 != 0 }
    }

    @Test func `the caller is heard once the conversation began, and not while muted`() throws {
        let stage = try LiveKitStage()
        let session = try stage.open()
        stage.library.acceptConnection([.alice])
        stage.settle()
        stage.hear(.alice)
        stage.sound(ramp(1))
        #expect(session.heard.isEmpty, "nobody listens before PEER")
        stage.library.finishPublishing()
        stage.settle()
        stage.sound(ramp(2))
        stage.happens(12) { $0.write(2, "TR_1") }
        stage.sound(ramp(3))
        stage.happens(13) { $0.write(2, "TR_1") }
        stage.sound(ramp(4))
        #expect(session.heard == ramp(2) + ramp(4))
        #expect(session.texts(.state) == ["connected", "muted", "unmuted"])
        let format = session.events.first { $0.type == .audioOut }?.format
        #expect(format?.sampleRate == LiveKitStage.rate)
        #expect(format?.channels == 1)
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
    }

    @Test func `the muting of somebody else means nothing`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        stage.happens(12) { $0.write(2, "TR_77") }
        stage.sound([5])
        #expect(session.heard == [5])
        stage.end(session)
    }

    @Test func `the next track of the caller takes the place of one that ends`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        var guest = FakeGuest.alice
        guest.tracks = [FakeTrack(sid: "TR_5")]
        stage.happens(7) { event in
            event.write(1, "alice")
            event.write(2) { stage.library.write(guest.tracks[0], &$0) }
        }
        #expect(stage.library.requests(8).count == 1)
        stage.happens(8) { $0.write(2, "TR_1") }
        #expect(stage.library.requests(8).count == 2)
        stage.hear(guest)
        stage.sound([7])
        #expect(session.heard == [7])
        #expect(session.texts(.peer).count == 1)
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
    }

    @Test func `the agent goes out in 10 ms, one at a time and in order`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        session.sendAudio(ramp(1), generation: 3)
        session.sendAudio(ramp(2), generation: 3)
        #expect(stage.library.captured.count == 1)
        for _ in 0..<8 {
            stage.library.finishCapture()
            stage.settle()
        }
        #expect(stage.library.captured.allSatisfy { $0.count == 160 })
        #expect(stage.library.captured.prefix(2).allSatisfy { $0.allSatisfy { $0 == 0 } }, "a little silence first")
        #expect(said(stage) == [1, 1, 2, 2])
        #expect(stage.library.requests(27).allSatisfy { $0.message(2)?.number(3) == UInt64(LiveKitStage.rate) })
        stage.end(session)
    }

    @Test func `an answer that is cut off is silent at once`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        for value in 1...4 { session.sendAudio(ramp(Int16(value)), generation: 3) }
        session.cancel(3)
        #expect(stage.library.requests(28).count == 1)
        stage.library.finishCapture()
        stage.settle()
        #expect(stage.library.requests(28).count == 2, "what was on its way is thrown away too")
        #expect(stage.library.captured.count == 1)
        session.sendAudio(ramp(9), generation: 3)
        session.sendAudio(ramp(8), generation: 4)
        for _ in 0..<6 {
            stage.library.finishCapture()
            stage.settle()
        }
        #expect(said(stage) == [8, 8])
        #expect(stage.library.requests(28).count == 2)
        stage.end(session)
    }

    @Test func `cancelling an answer that is over leaves the next one alone`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        session.sendAudio(ramp(1), generation: 3)
        for _ in 0..<6 {
            stage.library.finishCapture()
            stage.settle()
        }
        session.sendAudio(ramp(2), generation: 4)
        session.cancel(3)
        #expect(stage.library.requests(28).isEmpty)
        stage.end(session)
    }

    @Test func `a library that takes nothing costs the oldest sound, not memory`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        for value in 1...200 { session.sendAudio(ramp(Int16(value)), generation: 1) }
        #expect(stage.library.captured.count == 1)
        #expect((stage.host.metrics[LiveKitMetrics.lateFrames] ?? 0) > 200)
        stage.library.finishCapture()
        stage.settle()
        #expect(said(stage) == [151])
        stage.end(session)
    }

    @Test func `events of the session reach the caller as data packets`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        var notice = OutgoingEvent(.notice)
        notice.json = #"{"type":"agent.started"}"#
        session.send(notice)
        let packet = try #require(stage.library.requests(7).last)
        let start = try #require(UnsafePointer<UInt8>(bitPattern: UInt(packet.number(2))))
        let bytes = UnsafeBufferPointer(start: start, count: Int(packet.number(3)))
        #expect(String(decoding: bytes, as: UTF8.self) == notice.json)
        #expect(packet.text(6) == "syrinx")
        #expect(packet.text(7) == "alice")
        for _ in 0..<200 { session.send(notice) }
        #expect(stage.library.requests(7).count == RoomState.maximumPackets)
        notice.json = String(repeating: " ", count: 20_000)
        session.send(notice)
        #expect(stage.library.requests(7).count == RoomState.maximumPackets)
        stage.end(session)
    }

    @Test func `data packets of the caller are a client's messages`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        stage.packet(#"{"type":"text","text":"hello"}"#, from: "alice")
        stage.packet(#"{"type":"text","text":"no"}"#, from: "mallory")
        stage.packet(#"{"type":"text","text":"no"}"#, from: "alice", topic: "chat")
        stage.packet("[]", from: "alice")
        stage.packet("{", from: "alice")
        stage.packet("", from: "alice")
        #expect(session.jsons(.command) == [["type": "text", "text": "hello"]])
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
    }

    @Test func `keys go both ways`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        for (identity, digit) in [("alice", "5"), ("bob", "6"), ("alice", "55"), ("alice", "x")] {
            stage.happens(27) { event in
                event.write(2, identity)
                event.write(5) { $0.write(2, digit) }
            }
        }
        #expect(session.texts(.dtmfOut) == ["5"])
        var keys = OutgoingEvent(.dtmfIn)
        keys.text = "1#x"
        session.send(keys)
        #expect(stage.library.requests(14).map { $0.number(2) } == [1, 11])
        #expect(stage.library.requests(14).map { $0.text(3) } == ["1", "#"])
        stage.end(session)
    }

    @Test(arguments: [11_025, 44_100, 0] as [UInt32])
    func `other rates than the library's are refused`(rate: UInt32) throws {
        let stage = try LiveKitStage()
        #expect(throws: PluginError.self) {
            try stage.provider.openSession(
                options: #"{"room":"r1"}"#, input: AudioFormat(sampleRate: rate), output: LiveKitStage.format,
                secrets: ["api_secret": LiveKitStage.secret])
        }
    }
}
