// SPDX-License-Identifier: Apache-2.0
import ElevenLabs
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("ElevenLabs' speaker over its socket")
struct ElevenLabsSocketTests {
    @Test func `connects at the session's start, with the key's place and all parameters`() throws {
        let harness = try ElevenLabsHarness(
            #"{"api_key":"${secret:api_key}","voice_id":"a b","language_code":"de","seed":7,"enable_logging":false}"#,
            rate: 24_000)
        let request = try #require(harness.session.requests.first)
        #expect(request.isSocket && request.header("xi-api-key") == "${secret:api_key}")
        #expect(
            request.url
                == "wss://api.elevenlabs.io/v1/text-to-speech/a%20b/multi-stream-input?model_id=eleven_flash_v2_5"
                + "&output_format=pcm_24000&language_code=de&inactivity_timeout=180&auto_mode=true"
                + "&enable_logging=false&seed=7")
        #expect(!harness.session.events.contains { $0.type == .ready })
        harness.accept()
        #expect(harness.session.events.filter { $0.type == .ready }.count == 1)
        harness.end()
        #expect(harness.sent.last == #"{"close_socket":true}"#)
    }

    @Test func `speaks a clause: opens a context, flushes its text, hands over audio, marks and the end`() throws {
        try ElevenLabsHarness.run(#"{"voice_id":"v","voice_settings":{"stability":0.5}}"#) { harness in
            harness.session.speak("Hello there.", clause: 3, generation: 9)
            #expect(
                harness.sent == [
                    #"{"context_id":"9.3","text":" ","voice_settings":{"stability":0.5}}"#,
                    #"{"context_id":"9.3","flush":true,"text":"Hello there. "}"#,
                    #"{"close_context":true,"context_id":"9.3"}"#,
                ])
            harness.audio("9.3", 0.6, text: "Hello ")
            harness.audio("9.3", 0.7, text: "there. ")
            harness.final("9.3")
            #expect(
                harness.spoken == [
                    "9.3 mark 0 0", "9.3 audio 600", "9.3 mark 6 9600", "9.3 audio 700", "9.3 done",
                ])
            #expect(harness.session.events.allSatisfy { $0.samples.count <= 1_600 })
        }
    }

    @Test func `counts bytes of the clause in marks, and finds its way where characters differ`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("Grüß 5 € ab.", clause: 1, generation: 1)
            harness.audio("1.1", 1, text: " Grüß ")
            harness.audio("1.1", 1, text: "? €ab")
            harness.final("1.1")
            let marks = harness.session.events.filter { $0.type == .mark }.map(\.integer)
            #expect(marks == [0, 9, 13])
            let samples = harness.session.events.filter { $0.type == .mark }.map(\.secondInteger)
            #expect(samples == samples.sorted() && samples.allSatisfy { $0 < 32_000 })
        }
    }

    @Test func `keeps clauses in order though the vendor makes two at once`() throws {
        try ElevenLabsHarness.run { harness in
            for clause in UInt64(1)...3 {
                harness.session.speak("Clause.", clause: clause, generation: 1, isLast: clause == 3)
            }
            #expect(!harness.sent("1.2").isEmpty && harness.sent("1.3").isEmpty)
            harness.audio("1.2", 0.5, sample: 2)
            harness.final("1.2")
            #expect(!harness.sent("1.3").isEmpty)
            #expect(harness.spoken.isEmpty)
            harness.audio("1.1", 0.5, sample: 1)
            harness.final("1.1")
            harness.audio("1.3", 0.5, sample: 3)
            harness.final("1.3")
            #expect(
                harness.spoken == [
                    "1.1 audio 500", "1.1 done", "1.2 audio 500", "1.2 done", "1.3 audio 500", "1.3 done",
                ])
            #expect(harness.samples == (1...3).flatMap { [Int16](repeating: $0, count: 8_000) })
        }
    }

    @Test func `is done at once with a clause of nothing`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak(" \n", clause: 1, generation: 1)
            #expect(harness.spoken == ["1.1 done"] && harness.sent.isEmpty)
        }
    }

    @Test func `joins samples that messages cut in two`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.say(#"{"audio":"AQID","contextId":"1.1"}"#)
            harness.say(#"{"audio":"BAUG","contextId":"1.1"}"#)
            harness.final("1.1")
            #expect(harness.samples == [0x0201, 0x0403, 0x0605])
        }
    }

    @Test func `takes a last message that carries audio, and one that names no context`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.say(#"{"audio":"AQA=","isFinal":true}"#)
            #expect(harness.samples == [1])
            #expect(harness.spoken.last == "1.1 done")
        }
    }

    @Test func `closes the contexts of a cancelled response and drops what comes late of it`() throws {
        try ElevenLabsHarness.run { harness in
            for clause in UInt64(1)...3 { harness.session.speak("Clause.", clause: clause, generation: 1) }
            harness.audio("1.1", 0.2)
            harness.session.cancel(1)
            harness.session.advance(milliseconds: 1)
            #expect(harness.spoken == ["1.1 audio 200", "1.1 cancelled", "1.2 cancelled", "1.3 cancelled"])
            #expect(harness.sent.suffix(2).allSatisfy { $0.contains("close_context") })
            harness.session.speak("Next.", clause: 1, generation: 2)
            harness.audio("1.1", 0.5)
            harness.audio("1.2", 0.5)
            harness.audio("2.1", 0.3)
            harness.final("2.1")
            #expect(harness.spoken.suffix(2) == ["2.1 audio 300", "2.1 done"])
            #expect(harness.session.requests.count == 1)
        }
    }

    @Test func `never has more than five contexts, and is not stopped by ones whose end is not told`() throws {
        try ElevenLabsHarness.run { harness in
            for generation in UInt64(1)...3 {
                harness.session.speak("a", clause: 1, generation: generation)
                harness.session.speak("b", clause: 2, generation: generation)
                harness.session.cancel(generation)
                harness.session.advance(milliseconds: 1)
            }
            harness.session.speak("c", clause: 1, generation: 4)
            #expect(harness.sent("4.1").isEmpty)
            harness.final("1.1")
            #expect(!harness.sent("4.1").isEmpty)
            harness.session.speak("d", clause: 2, generation: 4)
            #expect(harness.sent("4.2").isEmpty)
            harness.session.advance(milliseconds: 2_600)
            #expect(!harness.sent("4.2").isEmpty)
        }
    }

    @Test func `stops reading while the host has no room, and loses no sample`() throws {
        try ElevenLabsHarness.run(queueLimit: 4) { harness in
            harness.session.takeAll()
            harness.session.speak("One.", clause: 1, generation: 1, isLast: false)
            harness.session.speak("Two.", clause: 2, generation: 1)
            harness.audio("1.1", 1, sample: 1, text: "One. ")
            #expect(!harness.session.isReading(harness.exchange))
            harness.final("1.1")
            harness.audio("1.2", 1, sample: 2)
            harness.final("1.2")
            // A long pause of playout is not the vendor's fault.
            harness.session.advance(milliseconds: 60_000)
            for _ in 0..<20 { harness.session.takeAll() }
            #expect(harness.session.isReading(harness.exchange))
            #expect(
                harness.spoken == ["1.1 mark 0 0", "1.1 audio 1000", "1.1 done", "1.2 audio 1000", "1.2 done"])
            #expect(harness.samples == (1...2).flatMap { [Int16](repeating: $0, count: 16_000) })
        }
    }

    @Test func `keeps an idle socket awake`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.advance(milliseconds: 9_999)
            #expect(harness.sent.isEmpty)
            harness.session.advance(milliseconds: 20_001)
            #expect(harness.sent == [String](repeating: #"{"context_id":"idle","text":""}"#, count: 3))
        }
    }

    @Test func `changes voice and language by another socket, after what is under way`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("One.", clause: 1, generation: 1)
            var event = OutgoingEvent(.speak, generation: 1, id: 2)
            event.text = "Zwei."
            event.json = #"{"voice":"w","language":"de-AT"}"#
            harness.session.send(event)
            #expect(harness.session.requests.count == 1)
            harness.audio("1.1", 0.1)
            harness.final("1.1")
            #expect(harness.session.requests.count == 2)
            let url = try #require(harness.session.requests.last?.url)
            #expect(url.contains("/w/multi-stream-input") && url.contains("language_code=de&"))
            harness.accept()
            harness.audio("1.2", 0.1)
            harness.final("1.2")
            #expect(harness.spoken == ["1.1 audio 100", "1.1 done", "1.2 audio 100", "1.2 done"])
        }
    }

    @Test func `tells no language to a model that takes none`() throws {
        let harness = try ElevenLabsHarness(#"{"model_id":"eleven_multilingual_v2"}"#, options: #"{"voice_id":"w"}"#)
        let url = try #require(harness.session.requests.first?.url)
        #expect(!url.contains("language_code") && url.contains("/w/"))
        harness.end()
    }

    @Test func `is drained after its last clause`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.session.send(OutgoingEvent(.drain))
            #expect(harness.spoken.isEmpty)
            harness.final("1.1")
            #expect(harness.spoken == ["1.1 done", "drained"])
        }
    }

    @Test func `takes no clause without end`() throws {
        try ElevenLabsHarness.run { harness in
            let answers = (0..<1_100).map { harness.session.speak("x", clause: UInt64($0), generation: 1) }
            #expect(answers.last == .again)
        }
    }

    @Test func `refuses a rate that it does not speak at, and a host without network`() throws {
        #expect(throws: PluginError.self) { try ElevenLabsHarness(rate: 44_100) }
        let provider = try FakeHost(offersNetwork: false).open(elevenLabsModule.table, .tts, "elevenlabs")
        #expect(throws: PluginError.self) { try provider.openSession() }
        provider.close()
    }
}
