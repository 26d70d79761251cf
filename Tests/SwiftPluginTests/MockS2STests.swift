// SPDX-License-Identifier: Apache-2.0
import MockProviders
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("The mock speech-to-speech model")
struct MockS2STests {
    let host = FakeHost()

    private func withSession(
        _ options: String = "{}",
        queueLimit: Int = .max,
        _ body: (FakeSession) throws -> Void
    ) throws {
        let setup = """
            {"instructions":"Be kind.","history":[{"role":"user","text":"hi"}],"tools":[{"name":"look"}]}
            """
        let provider = try host.open(mockModule.table, .s2s, "mock")
        let session = try provider.openSession(
            options: options,
            output: AudioFormat(sampleRate: 16_000),
            queueLimit: queueLimit
        )
        var config = OutgoingEvent(.config)
        config.json = setup
        session.send(config)
        try body(session)
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    /// Half a second of a loud tone, and silence that ends the turn.
    private func say(_ session: FakeSession) {
        let loud = (0..<320).map { Int16($0 % 2 == 0 ? 9_000 : -9_000) }
        for _ in 0..<25 { session.sendAudio(loud) }
        for _ in 0..<20 { session.sendAudio([Int16](repeating: 0, count: 320)) }
    }

    private func types(_ session: FakeSession) -> [EventType] {
        session.events.map(\.type).reduce(into: []) { if $0.last != $1 || $1 != .audioOut { $0.append($1) } }
    }

    @Test func `a turn is heard, named and answered`() throws {
        try withSession(#"{"lines":["book a table"],"reply":"You said {words}.","reply_ms":500}"#) { session in
            say(session)
            #expect(types(session) == [.ready, .speechStart, .speechStop, .final, .turnEnd])
            session.prompt("", generation: 7)
            #expect(types(session).suffix(3) == [.delta, .audioOut, .done])
            #expect(session.answer(7) == "You said book a table.")
            let audio = session.events.filter { $0.type == .audioOut }
            #expect(audio.allSatisfy { $0.generation == 7 && $0.id == 1 })
            #expect(audio.flatMap(\.samples).count == 8_000)
            #expect(session.events.first { $0.type == .final }?.generation == 0)
        }
    }

    @Test func `typed turns and given lines are answered as they are asked`() throws {
        try withSession(#"{"reply":"{instructions} {words}, {history} line, the last {last}"}"#) { session in
            #expect(session.prompt("hello", generation: 1) == "Be kind. hello, 1 line, the last hi")
            #expect(session.prompt("Say: Welcome.", generation: 2, json: #"{"line":"Welcome."}"#) == "Welcome.")
        }
    }

    @Test func `a tool's result is in the answer`() throws {
        try withSession(#"{"tool":"look","reply":"It is {result}.","reply_ms":0}"#) { session in
            session.prompt("what is it", generation: 3)
            let call = session.events.last
            #expect(call?.type == .toolCall && call?.text == "look" && call?.generation == 3)
            var result = OutgoingEvent(.toolResult, generation: 3, id: call?.id ?? 0)
            result.text = "green"
            session.send(result)
            #expect(session.answer(3) == "It is green.")
            #expect(session.terminals(3).count == 1)
        }
    }

    @Test func `a cancelled answer ends once, and the next one knows how far it was heard`() throws {
        try withSession(#"{"reply":"[{heard}]","reply_ms":2000}"#, queueLimit: 4) { session in
            session.prompt("one", generation: 1)
            session.cancel(1)
            var heard = OutgoingEvent(.heard, generation: 1)
            heard.integer = 420
            heard.text = "one"
            session.send(heard)
            for _ in 0..<20 { session.takeAll() }
            #expect(session.terminals(1).count == 1)
            session.prompt("two", generation: 2)
            for _ in 0..<40 { session.takeAll() }
            #expect(session.answer(2) == "[420 ms: one]")
            #expect(session.terminals(2).map(\.type) == [.done])
        }
    }

    @Test func `words may come after the answer`() throws {
        try withSession(#"{"late_words":true,"reply_ms":0}"#) { session in
            say(session)
            session.prompt("", generation: 1)
            #expect(types(session).suffix(3) == [.delta, .done, .final])
        }
    }

    @Test func `the end of a session is told in time`() throws {
        try withSession(#"{"expire_after_ms":60000,"notice_ms":10000}"#) { session in
            session.advance(milliseconds: 49_999)
            #expect(types(session) == [.ready])
            session.advance(milliseconds: 1)
            #expect(session.events.last?.text == "expiring")
            #expect(session.events.last?.json == #"{"seconds":10.0}"#)
            session.advance(milliseconds: 10_000)
            #expect(session.events.last?.type == .error)
        }
    }

    @Test func `a model that breaks for good opens no session any more`() throws {
        let provider = try host.open(mockModule.table, .s2s, "mock")
        let session = try provider.openSession(options: #"{"break_at_turn":1,"breaks_for_good":true}"#)
        session.send(OutgoingEvent(.config))
        say(session)
        #expect(session.events.last?.type == .error)
        #expect(throws: PluginError.self) { try provider.openSession() }
        session.close()
        provider.close()
    }
}
