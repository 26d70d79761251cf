// SPDX-License-Identifier: Apache-2.0
import Dispatch
import SyrinxABI
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import LiveKitBackend

@Suite("LiveKit: the life of a room")
struct LiveKitRoomTests {
    @Test func `a session is ready in the room and the conversation begins when both sides can be heard`() throws {
        let stage = try LiveKitStage()
        let session = try stage.open()
        #expect(session.events.isEmpty)
        stage.library.acceptConnection([.alice])
        stage.settle()
        #expect(session.texts(.ready).count == 1)
        #expect(stage.library.requests(83).count == 1)
        #expect(stage.library.requests(8).map { $0.bool(1) } == [true])
        stage.hear(.alice)
        #expect(session.texts(.peer).isEmpty, "the agent's track is not published yet")
        stage.library.finishPublishing()
        stage.settle()
        let peer = try #require(session.jsons(.peer).first)
        #expect(peer["user"]?.string == "alice")
        #expect(peer["metadata"]?["livekit.metadata"]?.string == "gold")
        #expect(peer["metadata"]?["livekit.room"]?.string == "r1")
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
        stage.provider.close()
    }

    @Test func `a telephone call tells its numbers`() throws {
        let stage = try LiveKitStage()
        var guest = FakeGuest.alice
        guest.attributes = ["sip.phoneNumber": "+15550100", "sip.trunkPhoneNumber": "+15550199"]
        let session = try stage.converse(guest)
        let peer = try #require(session.jsons(.peer).first)
        #expect(peer["from"]?.string == "+15550100")
        #expect(peer["to"]?.string == "+15550199")
        stage.end(session)
    }

    @Test func `agents, pictures and shared screens are nobody's voice`() throws {
        let stage = try LiveKitStage()
        let session = try stage.join([.agent])
        stage.enter(
            FakeGuest(identity: "bob", tracks: [FakeTrack(sid: "TR_2", kind: 2), FakeTrack(sid: "TR_3", source: 4)]))
        #expect(stage.library.requests(8).isEmpty)
        stage.enter(.alice)
        #expect(stage.library.requests(8).count == 1)
        stage.hear(.alice)
        #expect(session.jsons(.peer).first?["user"]?.string == "alice")
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
    }

    @Test func `a session that was told whom to listen to waits for it`() throws {
        let stage = try LiveKitStage()
        let bob = FakeGuest(identity: "bob", tracks: [FakeTrack(sid: "TR_2")])
        let session = try stage.join([.alice], options: #"{"room":"r1","caller":"bob"}"#)
        #expect(stage.library.requests(8).isEmpty)
        stage.enter(bob)
        stage.hear(bob)
        #expect(session.jsons(.peer).first?["user"]?.string == "bob")
        stage.leave("alice")
        #expect(session.texts(.done).isEmpty)
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
    }

    @Test func `the caller's leaving ends the session`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        stage.leave("alice")
        #expect(session.texts(.done) == ["the caller left: it hung up"])
        stage.happens(22) { $0.write(1, 5 as UInt64) }
        #expect(session.texts(.done).count == 1)
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
        #expect(session.eventsAfterClose == 0)
    }

    @Test func `the last one's leaving ends a session that never had a caller`() throws {
        let stage = try LiveKitStage()
        let session = try stage.join([FakeGuest(identity: "quiet"), .agent])
        stage.leave("quiet")
        #expect(session.texts(.done) == ["everybody left the room"])
        stage.end(session)
    }

    @Test func `being thrown out ends the session and gives everything back at once`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        stage.happens(22) { $0.write(1, 4 as UInt64) }
        #expect(session.texts(.done) == ["LiveKit ended the connection: it was removed"])
        #expect(stage.library.openHandles.isEmpty)
        session.close()
        #expect(stage.library.requests(4).isEmpty)
    }

    @Test func `a reconnect that takes the caller out and in again goes on`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        stage.happens(23)
        stage.happens(10) { $0.write(2, "TR_1") }
        stage.happens(8) { $0.write(2, "TR_1") }
        stage.leave("alice")
        stage.enter(.alice)
        stage.happens(24)
        #expect(session.texts(.state) == ["connected", "reconnecting", "connected"])
        // Once before, once while the connection was away, and again since that may be lost.
        #expect(stage.library.requests(8).count == 3)
        stage.hear(.alice)
        stage.sound([1, 2, 3])
        #expect(session.heard == [1, 2, 3])
        session.advance(milliseconds: 60_000)
        #expect(session.texts(.done).isEmpty)
        #expect(session.texts(.peer).count == 1)
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
    }

    @Test func `a caller who does not come back with the connection is waited for ten seconds`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        stage.happens(23)
        stage.leave("alice")
        stage.happens(24)
        session.advance(milliseconds: 9_999)
        #expect(session.texts(.done).isEmpty)
        session.advance(milliseconds: 1)
        #expect(session.texts(.done) == ["the caller did not come back"])
        stage.end(session)
    }

    @Test(arguments: [
        ("engine: signal failure: HTTP error: 401 Unauthorized", Status.unauthenticated, false),
        ("engine: signal failure: IO error: Connection refused", Status.unavailable, true),
    ])
    func `a refused connection fails the session`(words: String, status: Status, isRetryable: Bool) throws {
        let stage = try LiveKitStage()
        let session = try stage.open()
        stage.library.refuseConnection(words)
        stage.settle()
        let error = try #require(session.events.first { $0.type == .error })
        #expect(error.integer == Int64(status.rawValue))
        #expect(error.isRetryable == isRetryable)
        #expect(session.texts(.ready).isEmpty)
        session.close()
        stage.provider.close()
        #expect(stage.library.disposals == 1)
    }

    @Test func `a track that is not published fails the session`() throws {
        let stage = try LiveKitStage()
        let session = try stage.open()
        stage.library.acceptConnection([.alice])
        stage.settle()
        stage.library.finishPublishing(error: "no permission")
        stage.settle()
        #expect(session.texts(.error).count == 1)
        stage.end(session)
        #expect(stage.library.openHandles.isEmpty)
    }

    @Test func `a session that ends while it connects leaves as soon as it is in`() throws {
        let stage = try LiveKitStage()
        let session = try stage.open()
        session.close()
        stage.library.acceptConnection([.alice])
        stage.settle()
        #expect(stage.library.requests(4).count == 1)
        stage.library.finishDisconnect()
        stage.settle()
        #expect(stage.library.openHandles.isEmpty)
        #expect(session.eventsAfterClose == 0)
        stage.provider.close()
        #expect(stage.library.disposals == 1)
    }

    @Test func `twenty sessions leave nothing behind`() throws {
        let stage = try LiveKitStage()
        for _ in 0..<20 {
            let session = try stage.converse()
            stage.sound([Int16](repeating: 5, count: 320))
            session.sendAudio([Int16](repeating: 9, count: 320), generation: 1)
            stage.packet(#"{"type":"text","text":"hi"}"#, from: "alice")
            stage.library.finishCapture()
            stage.end(session)
            stage.library.finishCapture()
            stage.settle()
        }
        #expect(stage.library.openHandles.isEmpty)
        #expect(stage.library.wrongDrops == 0)
        stage.provider.close()
        #expect([stage.library.beginnings, stage.library.disposals] == [1, 1])
    }
}

@Suite("LiveKit: what nobody should send")
struct LiveKitHostileTests {
    @Test(arguments: [PluginKind.backend, .transport])
    func `every event of the host is survived, with and without its fields`(kind: PluginKind) throws {
        let stage = try LiveKitStage(kind)
        let session = try stage.open()
        if kind == .backend {
            stage.library.acceptConnection([.alice])
            stage.settle()
        }
        var event = syx_event()
        event.struct_size = UInt32(MemoryLayout<syx_event>.size)
        let broken: [CChar] = [-1, -64, 0x41, -128]
        broken.withUnsafeBufferPointer { bytes in
            for type in UInt16(0)...300 {
                event.type = type
                event.id = UInt64(type)
                event.generation = UInt64(type)
                event.i0 = .min
                event.f0 = .nan
                event.text = syx_str(ptr: bytes.baseAddress, len: bytes.count)
                event.json = syx_str(ptr: nil, len: .max)
                _ = session.sendRaw(&event)
            }
        }
        session.cancel(.max)
        session.takeAll()
        stage.end(session)
        #expect(session.eventsAfterClose == 0)
        stage.provider.close()
    }

    @Test func `events of a room in any order leave nothing behind`() throws {
        for seed in 1...200 {
            var random = Lottery(seed: UInt64(seed))
            let stage = try LiveKitStage()
            let session = try stage.open()
            for step in 0..<60 { Self.happen(random.below(15), step, stage, session, &random) }
            session.close()
            // Whatever was under way ends: a connection that came late, then the goodbye.
            if stage.library.requests(83).isEmpty { stage.library.acceptConnection([.alice]) }
            stage.settle()
            stage.library.finishCapture()
            stage.library.finishPublishing()
            stage.library.finishDisconnect()
            stage.settle()
            #expect(stage.library.openHandles.isEmpty, "seed \(seed)")
            #expect(stage.library.wrongDrops == 0, "seed \(seed)")
            #expect(session.events.filter { $0.type == .done || $0.type == .error }.count <= 1, "seed \(seed)")
            #expect(session.texts(.peer).count <= 1, "seed \(seed)")
            #expect(session.eventsAfterClose == 0, "seed \(seed)")
        }
    }

    @Test func `the library's threads, the session's and a canceller at once leave nothing behind`() throws {
        let stage = try LiveKitStage()
        for _ in 0..<20 {
            let session = try stage.converse()
            let library = stage.library
            DispatchQueue.concurrentPerform(iterations: 4) { thread in
                for step in 0..<100 {
                    switch thread {
                    case 0: session.sendAudio([1, 2, 3], generation: UInt64(step / 10))
                    case 1: session.cancel(UInt64(step / 10))
                    case 2: library.finishCapture()
                    default: library.room(12 + step % 2) { $0.write(2, "TR_1") }
                    }
                }
            }
            session.close()
            stage.settle()
            library.finishCapture()
            library.finishDisconnect()
            stage.settle()
            #expect(library.openHandles.isEmpty)
            #expect(session.eventsAfterClose == 0)
        }
    }

    private static func happen(
        _ what: Int,
        _ step: Int,
        _ stage: LiveKitStage,
        _ session: FakeSession,
        _ random: inout Lottery
    ) {
        let guests = [FakeGuest.alice, .agent, FakeGuest(identity: "bob", tracks: [FakeTrack(sid: "TR_2")])]
        let guest = guests[random.below(guests.count)]
        switch what {
        case 0:
            if stage.library.requests(83).isEmpty { stage.library.acceptConnection(random.below(2) == 0 ? guests : []) }
        case 1: stage.enter(guest)
        case 2: stage.leave(guest.identity)
        case 3: stage.hear(guest)
        case 4: stage.library.finishPublishing()
        case 5: stage.library.finishCapture()
        case 6: session.sendAudio([Int16](repeating: Int16(step), count: 320), generation: UInt64(random.below(4)))
        case 7: session.cancel(UInt64(random.below(4)))
        case 8: stage.happens([8, 10].randomElement(using: &random) ?? 8) { $0.write(2, guest.tracks[0].sid) }
        case 9: stage.happens(12 + random.below(2)) { $0.write(2, guest.tracks[0].sid) }
        case 10: stage.happens(23 + random.below(2))
        case 11: stage.sound([1, 2, 3])
        case 12: stage.packet("{}", from: guest.identity)
        case 13: if step > 40 { stage.happens(22) { $0.write(1, 99 as UInt64) } }
        default: session.advance(milliseconds: 5_000)
        }
        stage.settle()
    }
}

@Suite("LiveKit: the library")
struct LiveKitLibraryTests {
    @Test func `a panic is the end of the provider`() throws {
        let stage = try LiveKitStage()
        let session = try stage.converse()
        stage.library.emit(20) { $0.write(1, "poisoned") }
        stage.settle()
        let error = try #require(session.events.first { $0.type == .error })
        #expect(error.secondInteger & 2 == 2)
        #expect(stage.provider.health() == .internalError)
        #expect(throws: PluginError.self) { try stage.open() }
        session.close()
        #expect(session.eventsAfterClose == 0)
    }

    @Test func `a process has one library`() throws {
        let stage = try LiveKitStage()
        try LibraryRegistry.$current.withValue(stage.registry) {
            let again = try stage.host.open(liveKitModule.table, .transport, "livekit", config: LiveKitStage.config())
            #expect(stage.library.beginnings == 1)
            again.close()
            #expect(stage.library.disposals == 0)
            let other = LiveKitStage.config(library: "/opt/other.so")
            let error = #expect(throws: PluginError.self) {
                try stage.host.open(liveKitModule.table, .transport, "livekit", config: other)
            }
            #expect(error?.message.contains("/lib/liblivekit_ffi.so is open") == true)
        }
    }

    @Test func `a library that is not there says how to get it`() {
        let error = #expect(throws: PluginError.self) {
            try FakeHost().open(
                liveKitModule.table, .backend, "livekit", config: LiveKitStage.config(library: "/nowhere/lib.so"))
        }
        #expect(error?.status == .notFound)
        #expect(error?.message.contains("scripts/setup-livekit") == true)
    }

    @Test(arguments: ["lib.so", ""])
    func `its path is absolute`(path: String) {
        let error = #expect(throws: PluginError.self) {
            try FakeHost().open(liveKitModule.table, .backend, "livekit", config: LiveKitStage.config(library: path))
        }
        #expect(error?.message.contains("absolute") == true)
    }

    @Test func `a library that is another one is told apart`() {
        let error = #expect(throws: PluginError.self) {
            try FFIFunctions.open("libm.so.6")
        }
        #expect(error?.status == .unsupported)
    }

    @Test func `the address is that of a WebSocket`() throws {
        for (written, used) in [
            ("https://a.example", "wss://a.example"), ("http://b:7880/x", "ws://b:7880/x"), ("ws://c", "ws://c"),
        ] {
            let config = try JSON.decode(
                LiveKitConfig.self, from: #"{"url":"\#(written)","api_key":"k","api_secret":"s","library":"/l"}"#)
            #expect(try config.address() == used)
        }
        for written in ["", "ws://", "ftp://a", "a.example"] {
            let config = try JSON.decode(
                LiveKitConfig.self, from: #"{"url":"\#(written)","api_key":"k","api_secret":"s","library":"/l"}"#)
            #expect(throws: PluginError.self) { try config.address() }
        }
    }
}
