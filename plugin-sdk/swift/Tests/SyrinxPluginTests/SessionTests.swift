// SPDX-License-Identifier: Apache-2.0
import SyrinxABI
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("A provider and its sessions")
struct SessionTests {
    let host = FakeHost()

    private func withParrot(
        config: String = "{}",
        queueLimit: Int = .max,
        _ body: (FakeSession) throws -> Void
    ) throws {
        let provider = try host.open(fixtures.table, .agent, "parrot", config: config)
        defer { provider.close() }
        let session = try provider.openSession(queueLimit: queueLimit)
        try body(session)
        session.close()
        #expect(session.eventsAfterClose == 0)
    }

    @Test func `answer with what the configuration says`() throws {
        try withParrot(config: #"{"prefix":"I heard: "}"#) { session in
            #expect(session.prompt("hello", generation: 1) == "I heard: hello")
            #expect(session.terminals(1).map(\.type) == [.done])
            #expect(host.metrics == [0: 1])
        }
    }

    @Test func `report an error with its status and a message cut between characters`() {
        #expect {
            try host.open(fixtures.table, .agent, "parrot", config: #"{"fails":true}"#)
        } throws: { error in
            guard let error = error as? PluginError else { return false }
            return error.status == .unauthenticated && error.message == String(repeating: "ä", count: 115)
        }
    }

    @Test(arguments: [#"{"prefix":1}"#, "[", "\u{0}", #"{"prefix":{"a":[[[["#])
    func `refuse a broken configuration`(config: String) {
        #expect { try host.open(fixtures.table, .agent, "parrot", config: config) } throws: { error in
            (error as? PluginError)?.status == .invalid
        }
    }

    @Test func `name the key of a configuration that is wrong`() {
        #expect { try host.open(fixtures.table, .agent, "parrot", config: #"{"prefix":1}"#) } throws: { error in
            (error as? PluginError)?.message == "config: 'prefix' has the wrong type"
        }
    }

    @Test func `tell their health`() throws {
        let provider = try host.open(fixtures.table, .agent, "parrot", config: #"{"prefix":"ill"}"#)
        #expect(provider.health() == .unavailable)
        provider.close()
    }

    @Test func `get their timers and their blocking work back as events`() throws {
        try withParrot { session in
            session.send(OutgoingEvent(.dtmfIn))
            session.advance(milliseconds: 19)
            #expect(session.events.isEmpty)
            session.advance(milliseconds: 1)
            #expect(session.events.map(\.text) == ["timer 7"])
            session.send(OutgoingEvent(.toolResult))
            session.runTasks()
            #expect(host.logs == ["worked"])
            #expect(session.events.last?.text == "task 9 count 0")
        }
    }

    @Test func `have the blocking work that was accepted run, also when they are closed first`() throws {
        try withParrot { $0.send(OutgoingEvent(.toolResult)) }
        #expect(host.logs == ["worked"])
    }

    @Test func `keep what the host cannot take and send it in order`() throws {
        try withParrot(queueLimit: 1) { session in
            session.prompt("a", generation: 1)
            session.prompt("b", generation: 2)
            #expect(session.events.map(\.text) == ["a"])
            for _ in 0..<3 { session.takeAll() }
            #expect(session.events.map(\.type) == [.delta, .done, .delta, .done])
            #expect(session.terminals(1).count == 1)
        }
    }

    @Test func `answer a cancelled request once, whether it waits or has ended`() throws {
        try withParrot(queueLimit: 1) { session in
            session.prompt("a", generation: 1)
            session.cancel(1)
            session.takeAll()
            #expect(session.terminals(1).map(\.type) == [.cancelled])
        }
        try withParrot { session in
            session.prompt("a", generation: 1)
            session.cancel(1)
            #expect(session.terminals(1).map(\.type) == [.done])
        }
    }

    @Test func `turn a thrown error into a status and a log line`() throws {
        try withParrot { session in
            #expect(session.send(OutgoingEvent(.config)) == .invalid)
            #expect(host.logs == ["no such option"])
        }
    }

    @Test func `go back to their first state`() throws {
        try withParrot { session in
            session.prompt("a", generation: 1)
            #expect(session.reset())
            session.send(OutgoingEvent(.taskDone, id: 1))
            #expect(session.events.last?.text == "task 1 count 0")
        }
    }

    @Test func `survive events that no host should send`() throws {
        try withParrot { session in
            #expect(session.sendRaw(nil) == .invalid)
            var event = syx_event()
            event.struct_size = 4
            #expect(session.sendRaw(&event) == .invalid)
            event.struct_size = UInt32(MemoryLayout<syx_event>.size)
            for type in UInt16.min...300 where type != EventType.config.rawValue {
                event.type = type
                #expect(!session.sendRaw(&event).isError)
            }
            event.type = EventType.prompt.rawValue
            event.space = 9
            #expect(session.sendRaw(&event) == .skip)
            event.space = 0
            event.text = syx_str(ptr: nil, len: 100)
            #expect(session.sendRaw(&event) == .ok)
            let broken: [CChar] = [-1, -2, 0x41]
            broken.withUnsafeBufferPointer { bytes in
                event.text = syx_str(ptr: bytes.baseAddress, len: bytes.count)
                #expect(session.sendRaw(&event) == .ok)
            }
            #expect(session.events.filter { $0.type == .delta }.last?.text == "\u{FFFD}\u{FFFD}A")
        }
    }
}

@Suite("A session on the media path")
struct FrameTests {
    @Test func `reads samples and refuses frames that lie`() throws {
        let host = FakeHost()
        let provider = try host.open(fixtures.table, .vad, "meter")
        let session = try provider.openSession()
        #expect(session.analyse([16_384, 0])?.probability == 0.5)
        #expect(session.analyse([]) == nil)
        var frame = syx_frame()
        frame.struct_size = UInt32(MemoryLayout<syx_frame>.size)
        frame.format = UInt32(SYX_FMT_S16)
        frame.samples = .max
        frame.channels = .max
        let samples: [Int16] = [9, 9]
        try samples.withUnsafeBytes { bytes in
            frame.bytes = bytes.count
            frame.data = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            let process = try #require(fixtures.table.pointee.plugins?[1]?.pointee.vt?.pointee.process)
            #expect(process(nil, &frame, nil, nil) == Status.invalid.rawValue)
        }
        session.close()
        provider.close()
    }
}
