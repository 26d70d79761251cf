// SPDX-License-Identifier: Apache-2.0
import MockProviders
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("The mock providers")
struct MockTests {
    let host = FakeHost()

    private func withSession(
        _ kind: PluginKind,
        config: String = "{}",
        options: String = "{}",
        rate: UInt32 = 16_000,
        queueLimit: Int = .max,
        _ body: (FakeSession) throws -> Void
    ) throws {
        let provider = try host.open(mockModule.table, kind, "mock", config: config)
        let session = try provider.openSession(
            options: options,
            output: AudioFormat(sampleRate: rate),
            queueLimit: queueLimit
        )
        try body(session)
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    private func audio(_ session: FakeSession) -> [RecordedEvent] {
        session.events.filter { $0.type == .audioOut }
    }

    @Test func `hear the next line of the script with one partial before it`() throws {
        try withSession(.stt, config: #"{"lines":["one","two"]}"#) { session in
            for utterance in UInt64(1)...3 {
                for _ in 0..<5 { session.sendAudio([Int16](repeating: 0, count: 320), generation: utterance) }
                session.sendAudio([], generation: 0)
                session.send(OutgoingEvent(.endOfInput, generation: utterance))
            }
            #expect(session.events.map(\.type) == [.partial, .final, .partial, .final, .partial, .final])
            #expect(session.events.filter { $0.type == .final }.map(\.text) == ["one", "two", "one"])
        }
    }

    @Test func `hear hello unless told, and what the session says before what the provider says`() throws {
        try withSession(.stt) { session in
            session.send(OutgoingEvent(.endOfInput, generation: 1))
            #expect(session.events.map(\.text) == ["hello"])
        }
        try withSession(.stt, config: #"{"lines":["a"]}"#, options: #"{"lines":["b"]}"#) { session in
            session.send(OutgoingEvent(.endOfInput, generation: 1))
            #expect(session.events.map(\.text) == ["b"])
        }
    }

    @Test func `answer with one piece and an end`() throws {
        try withSession(.agent) { session in
            #expect(session.prompt("x", generation: 1) == "This is a scripted reply.")
            #expect(session.events.map(\.type) == [.delta, .done])
        }
        try withSession(.agent, options: #"{"reply":"ok"}"#) { #expect($0.prompt("x", generation: 1) == "ok") }
    }

    @Test(arguments: [8_000, 16_000, 24_000, 48_000] as [UInt32])
    func `speak one tone a response at the negotiated rate`(rate: UInt32) throws {
        try withSession(.tts, options: #"{"reply_ms":1500,"frequency":400}"#, rate: rate) { session in
            session.speak("First.", clause: 0, generation: 1, isLast: false)
            session.speak("Second.", clause: 1, generation: 1)
            let samples = audio(session).flatMap(\.samples)
            #expect(samples.count == Int(rate) * 3 / 2)
            #expect(audio(session).allSatisfy { $0.samples.count <= Int(rate) / 5 && $0.id == 0 })
            #expect(audio(session).allSatisfy { $0.format?.sampleRate == rate })
            #expect(session.terminals(1).map(\.id) == [0, 1])
            let peak = samples.map { abs(Int($0)) }.max() ?? 0
            #expect((9_700...9_831).contains(peak))
            let crossings = zip(samples, samples.dropFirst()).filter { $0 < 0 && $1 >= 0 }.count
            #expect((598...601).contains(crossings))
        }
    }

    @Test func `speak again in the next response, and nothing when told nothing`() throws {
        try withSession(.tts, options: #"{"reply_ms":100}"#) { session in
            for generation in UInt64(1)...2 { session.speak("x", clause: 0, generation: generation) }
            #expect(audio(session).map(\.samples.count) == [1_600, 1_600])
        }
        try withSession(.tts, options: #"{"reply_ms":0}"#) { session in
            session.speak("x", clause: 0, generation: 1)
            #expect(session.events.map(\.type) == [.done])
        }
    }

    @Test func `wait for credit and lose no sample`() throws {
        try withSession(.tts, queueLimit: 2) { session in
            session.speak("x", clause: 3, generation: 1, isLast: false)
            session.speak("y", clause: 4, generation: 1)
            #expect(session.events.count == 2)
            for _ in 0..<10 { session.takeAll() }
            #expect(audio(session).flatMap(\.samples).count == 16_000)
            #expect(session.terminals(1).map(\.id) == [3, 4])
            #expect(session.terminals(1).map(\.type) == [.done, .done])
        }
    }

    @Test func `end each waiting clause once when its response is cancelled`() throws {
        try withSession(.tts, queueLimit: 4) { session in
            session.speak("x", clause: 0, generation: 1, isLast: false)
            session.speak("y", clause: 1, generation: 1)
            let before = audio(session).count
            session.cancel(1)
            session.takeAll()
            session.takeAll()
            #expect(session.terminals(1).map(\.type) == [.cancelled, .cancelled])
            #expect(audio(session).count == before)
            session.speak("z", clause: 0, generation: 2)
            for _ in 0..<3 { session.takeAll() }
            #expect(session.terminals(2).map(\.type) == [.done])
        }
    }

    @Test func `are drained after their last clause, and take no clause without end`() throws {
        try withSession(.tts, queueLimit: 2) { session in
            session.speak("x", clause: 0, generation: 1)
            session.send(OutgoingEvent(.drain))
            for _ in 0..<6 { session.takeAll() }
            #expect(session.events.suffix(2).map(\.type) == [.done, .drained])
        }
        try withSession(.tts, queueLimit: 0) { session in
            let answers = (0..<2_000).map { session.speak("x", clause: UInt64($0), generation: 1) }
            #expect(answers.contains(.again))
        }
    }

    @Test(arguments: [#"{"reply_ms":-1}"#, #"{"reply_ms":600001}"#, #"{"frequency":0}"#, #"{"reply_ms":"x"}"#])
    func `refuse options out of range`(options: String) throws {
        let provider = try host.open(mockModule.table, .tts, "mock")
        #expect(throws: PluginError.self) { try provider.openSession(options: options) }
        provider.close()
    }

    @Test func `refuse a rate that they do not speak at`() throws {
        let provider = try host.open(mockModule.table, .tts, "mock")
        #expect(throws: PluginError.self) { try provider.openSession(output: AudioFormat(sampleRate: 44_100)) }
        provider.close()
    }
}
