// SPDX-License-Identifier: Apache-2.0
import Deepgram
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Deepgram's speaker")
struct DeepgramSpeakTests {
    static let reset = PluginError.unavailable("reset by peer")
    static let flush = #"{"type":"Flush"}"#

    private func run(
        _ config: String = "{}", queueLimit: Int = .max, accepts: Bool = true, _ body: (FakeSession) throws -> Void
    ) throws {
        let provider = try FakeHost().open(deepgramModule.table, .tts, "deepgram", config: config)
        let session = try provider.openSession(queueLimit: queueLimit)
        if accepts { session.acceptSocket(socket(session)) }
        try body(session)
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    private func socket(_ session: FakeSession) -> NetworkID {
        session.requests.last?.id ?? NetworkID(rawValue: 0)
    }

    private func audio(_ session: FakeSession, _ milliseconds: Int, _ sample: Int16 = 1) {
        let samples = [Int16](repeating: sample, count: milliseconds * 16)
        session.deliverBinary(socket(session), samples.withUnsafeBytes { Array($0) })
    }

    private func say(_ session: FakeSession, _ type: String) {
        session.deliverText(socket(session), #"{"type":"\#(type)","sequence_id":0}"#)
    }

    /// Terminals, and before each the milliseconds of audio that the clause had.
    private func spoken(_ session: FakeSession) -> [String] {
        var samples: [String: Int] = [:]
        return session.events.compactMap { event in
            let name = "\(event.generation).\(event.id)"
            if event.type == .audioOut { samples[name, default: 0] += event.samples.count }
            guard event.type.isTerminal else { return nil }
            let kind = event.type == .done ? "done" : event.type == .cancelled ? "cancelled" : "error \(event.integer)"
            return "\(name) \((samples[name] ?? 0) / 16) \(kind)"
        }
    }

    @Test func `speaks clauses in order over one socket`() throws {
        try run(#"{"api_key":"${secret:api_key}","speed":1.1}"#) { session in
            let request = try #require(session.requests.first)
            #expect(
                request.url == "wss://api.deepgram.com/v1/speak?model=aura-2-thalia-en&encoding=linear16"
                    + "&sample_rate=16000&speed=1.1")
            #expect(request.header("authorization") == "Token ${secret:api_key}")
            session.speak("One.", clause: 1, generation: 1, isLast: false)
            session.speak("Two.", clause: 2, generation: 1)
            session.speak("Three.", clause: 3, generation: 1)
            #expect(
                session.sentTexts(socket(session)) == [
                    #"{"text":"One.","type":"Speak"}"#, Self.flush, #"{"text":"Two.","type":"Speak"}"#, Self.flush,
                ])
            audio(session, 300)
            say(session, "Flushed")
            audio(session, 200)
            say(session, "Flushed")
            audio(session, 100)
            say(session, "Flushed")
            #expect(spoken(session) == ["1.1 300 done", "1.2 200 done", "1.3 100 done"])
        }
    }

    @Test func `cuts a long text at spaces`() throws {
        try run { session in
            session.speak(String(repeating: "word ", count: 900), clause: 1, generation: 1)
            let sent = session.sentTexts(socket(session))
            #expect(sent.count == 4 && sent.last == Self.flush)
            #expect(sent.dropLast().allSatisfy { $0.count < 2_040 && $0.contains("word ") })
        }
    }

    @Test func `clears what nobody wants, and speaks on behind it`() throws {
        try run { session in
            session.speak("One.", clause: 1, generation: 1)
            session.speak("Two.", clause: 2, generation: 1)
            audio(session, 100)
            session.cancel(1)
            session.advance(milliseconds: 1)
            #expect(session.sentTexts(socket(session)).last == #"{"type":"Clear"}"#)
            session.speak("New.", clause: 1, generation: 2)
            // Late audio of what was cleared, with and without its end.
            audio(session, 100)
            say(session, "Flushed")
            audio(session, 100)
            say(session, "Cleared")
            audio(session, 50)
            say(session, "Flushed")
            #expect(spoken(session) == ["1.1 100 cancelled", "1.2 0 cancelled", "2.1 50 done"])
        }
    }

    @Test func `drops one response alone while another is spoken`() throws {
        try run { session in
            session.speak("Wanted.", clause: 1, generation: 1)
            session.speak("Guess.", clause: 1, generation: 2)
            session.cancel(2)
            session.advance(milliseconds: 1)
            #expect(!session.sentTexts(socket(session)).contains(#"{"type":"Clear"}"#))
            audio(session, 100)
            say(session, "Flushed")
            audio(session, 100)
            say(session, "Flushed")
            #expect(spoken(session) == ["2.1 0 cancelled", "1.1 100 done"])
        }
    }

    @Test func `stops reading while the host has no room, and loses no sample`() throws {
        try run(queueLimit: 3) { session in
            session.takeAll()
            session.speak("x", clause: 1, generation: 1)
            audio(session, 1_000)
            #expect(!session.isReading(socket(session)))
            say(session, "Flushed")
            session.advance(milliseconds: 60_000)
            for _ in 0..<20 { session.takeAll() }
            #expect(session.isReading(socket(session)))
            #expect(spoken(session) == ["1.1 1000 done"])
        }
    }

    @Test(arguments: [0, 100])
    func `sends a clause again that was not heard, and fails one that was`(heard: Int) throws {
        try run { session in
            session.speak("x", clause: 1, generation: 1)
            if heard > 0 { audio(session, heard) }
            session.closeSocket(socket(session), code: 1011, error: Self.reset)
            session.advance(milliseconds: 130)
            session.acceptSocket(socket(session))
            if heard == 0 {
                audio(session, 100)
                say(session, "Flushed")
                #expect(spoken(session) == ["1.1 100 done"])
            } else {
                #expect(spoken(session) == ["1.1 100 error \(Status.unavailable.rawValue)"])
            }
        }
    }

    @Test(arguments: DeepgramFaultTests.refusals)
    func `gives a refused connection its class`(refusal: DeepgramFaultTests.Refusal) throws {
        try run(accepts: false) { session in
            session.speak("x", clause: 1, generation: 1)
            for _ in 0..<4 where session.terminals(1).isEmpty {
                session.refuseSocket(
                    socket(session), status: refusal.status, body: refusal.body, error: .unavailable("refused"))
                session.advance(milliseconds: 2_450)
            }
            #expect(spoken(session).last == "1.1 0 error \(refusal.kind.rawValue)" && session.terminals(1).count == 1)
            #expect(session.terminals(1).first?.isRetryable == refusal.isRetryable)
        }
    }

    @Test(arguments: ["", "{", "[]", #"{"type":3}"#, #"{"type":"Warning","code":"X","description":"slow"}"#])
    func `goes on after a message that it does not need`(message: String) throws {
        try run { session in
            session.speak("x", clause: 1, generation: 1)
            session.deliverText(socket(session), message)
            say(session, "Cleared")
            audio(session, 100)
            say(session, "Flushed")
            say(session, "Flushed")
            #expect(spoken(session) == ["1.1 100 done"])
        }
    }

    @Test func `gives a clause an outcome when nothing comes`() throws {
        try run { session in
            session.speak(" ", clause: 0, generation: 1)
            session.speak("x", clause: 1, generation: 1)
            session.advance(milliseconds: 7_000)
            #expect(spoken(session) == ["1.0 0 done", "1.1 0 error \(Status.deadlineExceeded.rawValue)"])
        }
    }
}
