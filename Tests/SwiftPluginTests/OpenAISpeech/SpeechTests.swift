// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("openai speaks")
struct SpeechTests {
    @Test func `asks for plain samples in the configured voice`() throws {
        let host = FakeHost()
        let config = #"""
            {"api_key":"${secret:api_key}","voice":"ash","speed":1.25,"instructions":"Calm.","extra":{"x":1}}
            """#
        let desk = try SpeechDesk(.tts, config: config, options: #"{"model":"tts-1","voice":"coral"}"#, host: host)
        #expect(host.prewarmed == ["https://api.openai.com/v1"])
        desk.session.speak("Hello.", clause: 0, generation: 5)
        let request = desk.request
        #expect(request.method == "POST" && request.url == "https://api.openai.com/v1/audio/speech")
        #expect(request.header("authorization") == "Bearer ${secret:api_key}")
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("accept") == "application/octet-stream")
        #expect(request.generation == 5 && request.silenceMilliseconds == 8_000)
        let expected: JSONValue = [
            "model": "tts-1", "voice": "coral", "input": "Hello.", "response_format": "pcm", "speed": 1.25,
            "instructions": "Calm.", "x": 1,
        ]
        #expect(request.bodyText == expected.text)
        var event = OutgoingEvent(.speak, generation: 5, id: 1)
        event.text = "And."
        event.json = #"{"language":"en","voice":"nova"}"#
        desk.session.send(event)
        #expect(try JSONValue(parsing: desk.request.bodyText)["voice"] == "nova")
        desk.close()
    }

    @Test(arguments: [1, 2, 3, 7, 4_801, 1 << 14])
    func `passes samples on as they come, however they are cut`(pieceBytes: Int) throws {
        let samples = (0..<2_000).map { Int16(truncatingIfNeeded: $0 &* 31) }
        let desk = try SpeechDesk(.tts)
        desk.session.speak("Hello.", clause: 4, generation: 1)
        desk.session.answer(desk.request.id, status: 200, headers: ["content-type": "application/octet-stream"])
        desk.session.deliver(desk.request.id, SpeechDesk.bytes(samples), pieceBytes: pieceBytes)
        #expect(desk.audio.flatMap(\.samples) == samples)
        #expect(desk.session.terminals(1).isEmpty)
        desk.session.deliver(desk.request.id, [0x7F])
        desk.session.finish(desk.request.id)
        #expect(desk.audio.allSatisfy { $0.id == 4 && $0.generation == 1 && $0.format?.sampleRate == 24_000 })
        #expect(desk.session.terminals(1).map(\.id) == [4])
        #expect(desk.session.terminals(1).map(\.type) == [.done])
        desk.close()
    }

    @Test func `asks for the next clause while one plays, for no more, and keeps their order`() throws {
        let desk = try SpeechDesk(.tts)
        for clause in UInt64(0)..<4 { desk.session.speak("C\(clause).", clause: clause, generation: 1) }
        #expect(desk.session.requests.count == 2)
        let reply = { (index: Int) in
            desk.session.respond(desk.id(index), body: String(repeating: "\(index)", count: 100))
        }
        reply(1)
        #expect(desk.session.events.isEmpty && desk.session.requests.count == 2)
        reply(0)
        #expect(desk.session.events.map(\.id) == [0, 0, 1, 1])
        #expect(desk.session.requests.count == 4)
        reply(3)
        reply(2)
        #expect(desk.audio.map(\.id) == [0, 1, 2, 3])
        #expect(desk.session.terminals(1).map(\.id) == [0, 1, 2, 3])
        desk.close()
    }

    @Test func `says nothing of nothing, in its turn`() throws {
        let desk = try SpeechDesk(.tts)
        desk.session.speak("A.", clause: 0, generation: 1)
        desk.session.speak(" \n", clause: 1, generation: 1)
        #expect(desk.session.requests.count == 1 && desk.session.events.isEmpty)
        desk.session.respond(desk.request.id, body: "aa")
        #expect(desk.session.terminals(1).map(\.id) == [0, 1])
        desk.close()
    }

    @Test func `holds a quick server up and loses no sample to a slow host`() throws {
        let samples = (0..<240_000).map { Int16(truncatingIfNeeded: $0) }
        let desk = try SpeechDesk(.tts, queueLimit: 2)
        desk.session.speak("A.", clause: 0, generation: 1)
        desk.session.speak("B.", clause: 1, generation: 1)
        for index in 0..<2 {
            desk.session.answer(desk.id(index), status: 200)
            desk.session.deliver(desk.id(index), SpeechDesk.bytes(samples))
            desk.session.finish(desk.id(index))
        }
        #expect(!desk.session.isReading(desk.id(0)))
        #expect(!desk.session.isReading(desk.id(1)))
        for _ in 0..<120 where desk.session.terminals(1).count < 2 { desk.session.takeAll() }
        #expect(desk.audio.filter { $0.id == 0 }.flatMap(\.samples) == samples)
        #expect(desk.audio.filter { $0.id == 1 }.flatMap(\.samples) == samples)
        #expect(desk.audio.allSatisfy { $0.samples.count <= 4_800 })
        #expect(desk.session.terminals(1).map(\.id) == [0, 1])
        desk.close()
    }

    @Test func `ends each clause once when its response is cancelled, and speaks the next`() throws {
        for queueLimit in [1, 3, Int.max] {
            let desk = try SpeechDesk(.tts, queueLimit: queueLimit)
            for clause in UInt64(0)..<3 { desk.session.speak("C.", clause: clause, generation: 1) }
            desk.session.speak("Next.", clause: 0, generation: 2)
            desk.session.answer(desk.id(0), status: 200)
            desk.session.deliver(desk.id(0), [UInt8](repeating: 1, count: 20_000))
            desk.session.cancel(1)
            desk.session.deliver(desk.id(0), [1, 2])
            for _ in 0..<8 { desk.session.takeAll() }
            #expect(desk.session.terminals(1).map(\.type) == [.cancelled, .cancelled, .cancelled])
            #expect(desk.session.terminals(1).map(\.id) == [0, 1, 2])
            let next = try #require(desk.session.requests.last)
            #expect(next.generation == 2 && desk.session.requests.count == 3)
            desk.session.respond(next.id, body: "aa")
            for _ in 0..<4 { desk.session.takeAll() }
            #expect(desk.session.terminals(2).map(\.type) == [.done])
            desk.close()
            #expect(desk.session.eventsAfterClose == 0)
        }
    }

    static let refusals: [(Int, Status, Bool)] = [
        (400, .invalid, false), (401, .unauthenticated, false), (403, .notPermitted, false), (404, .notFound, false),
        (408, .deadlineExceeded, true), (409, .unavailable, true), (413, .invalid, false),
        (429, .quotaExceeded, true), (500, .unavailable, true), (503, .unavailable, true),
    ]

    @Test(arguments: refusals)
    func `fails a clause by class, in its turn, and speaks the others`(
        code: Int, status: Status, isRetryable: Bool
    ) throws {
        let desk = try SpeechDesk(.tts)
        for clause in UInt64(0)..<3 { desk.session.speak("C.", clause: clause, generation: 1) }
        let body = #"{"error":{"message":"sk-1"}}"#
        desk.session.respond(desk.id(1), status: code, headers: ["retry-after": "1"], body: body)
        #expect(desk.session.events.isEmpty)
        desk.session.respond(desk.id(0), body: "aa")
        desk.session.respond(desk.id(2), body: "bb")
        #expect(desk.session.terminals(1).map(\.type) == [.done, .error, .done])
        let error = desk.session.terminals(1)[1]
        #expect(error.id == 1 && error.integer == Int64(status.rawValue) && error.isRetryable == isRetryable)
        #expect(error.json == #"{"retry_after_ms":1000,"vendor_code":\#(code)}"#)
        #expect(code != 401 || !error.text.contains("sk-1"))
        desk.close()
    }

    @Test(
        arguments: [
            (["content-type": "application/json"], #"{"error":"x"}"#), (["content-type": "text/html"], "<html>"),
            ([:], "RIFF...."), ([:], "ID3."), ([:], "OggS"),
        ] as [([String: String], String)])
    func `plays nothing that is no plain audio`(headers: [String: String], body: String) throws {
        let desk = try SpeechDesk(.tts)
        desk.session.speak("A.", clause: 0, generation: 1)
        desk.session.respond(desk.request.id, headers: headers, body: body)
        #expect(desk.session.events.map(\.type) == [.error])
        #expect(desk.session.events.map(\.integer) == [Int64(Status.internalError.rawValue)])
        desk.close()
    }

    @Test(arguments: [0, 1, 2, 3]) func `fails with the connection, behind the audio that came`(cut: Int) throws {
        let desk = try SpeechDesk(.tts, host: FakeHost(offersNetwork: cut != 3))
        if cut == 2 { desk.session.refusal = .unavailable("refused") }
        desk.session.speak("A.", clause: 0, generation: 1)
        if cut == 1 {
            desk.session.answer(desk.request.id, status: 200)
            desk.session.deliver(desk.request.id, [1, 0, 2])
        }
        if cut < 2 { desk.session.finish(desk.request.id, error: .unavailable("reset")) }
        #expect(desk.audio.flatMap(\.samples) == (cut == 1 ? [1] : []))
        #expect(desk.session.terminals(1).map(\.type) == [.error])
        #expect(desk.session.events.last?.type == .error)
        desk.close()
    }

    @Test func `refuses another rate, too long a clause, and too many`() throws {
        #expect(throws: PluginError.self) { try SpeechDesk(.tts, rate: 16_000) }
        let desk = try SpeechDesk(.tts)
        #expect(desk.session.speak(String(repeating: "ä", count: 4_097), clause: 0, generation: 1) == .invalid)
        let answers = (0..<400).map { desk.session.speak("x", clause: UInt64($0), generation: 1) }
        #expect(answers.contains(.again) && desk.session.requests.count == 2)
        desk.close()
    }

    @Test func `is drained after its last clause`() throws {
        let desk = try SpeechDesk(.tts, queueLimit: 1)
        desk.session.speak("A.", clause: 0, generation: 1)
        desk.session.send(OutgoingEvent(.drain))
        desk.session.respond(desk.request.id, body: "aabb")
        for _ in 0..<4 { desk.session.takeAll() }
        #expect(desk.session.events.map(\.type) == [.audioOut, .done, .drained])
        desk.close()
    }
}
