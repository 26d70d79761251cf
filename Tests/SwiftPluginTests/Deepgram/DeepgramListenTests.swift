// SPDX-License-Identifier: Apache-2.0
import Deepgram
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Deepgram's recogniser")
struct DeepgramListenTests {
    @Test func `connects at the session's start, with the key's place and all parameters`() throws {
        let harness = try DeepgramHarness(
            #"{"api_key":"${secret:api_key}","keyterms":["Syrinx","to go"],"language":"en-GB"}"#)
        let request = try #require(harness.session.requests.first)
        #expect(harness.session.requests.count == 1 && request.isSocket)
        #expect(request.header("Authorization") == "Token ${secret:api_key}")
        #expect(
            request.url
                == "wss://api.deepgram.com/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000&channels=1"
                + "&language=en-GB&interim_results=true&endpointing=300&smart_format=true&keyterm=Syrinx&keyterm=to%20go"
        )
        #expect(!harness.session.events.contains { $0.type == .ready })
        harness.accept()
        #expect(harness.session.events.filter { $0.type == .ready }.count == 1)
        harness.end()
    }

    static let queries: [(config: String, options: String, start: String, part: String)] = [
        (
            #"{"url":"ws://localhost:1/","model":"nova-2","hints":["a"]}"#, "{}",
            "ws://localhost:1/v1/listen?model=nova-2", "keywords=a"
        ),
        (#"{"endpointing_ms":0}"#, "{}", "wss://", "endpointing=false"),
        (
            #"{"model":"a"}"#, #"{"model":"b","language":"de"}"#, "wss://api.deepgram.com/v1/listen?model=b",
            "language=de"
        ),
        (#"{"turn_mode":"provider"}"#, "{}", "wss://", "utterance_end_ms=1000&vad_events=true"),
        (
            #"{"model":"flux-general-en","eager_eot_threshold":0.5}"#, "{}",
            "wss://api.deepgram.com/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000",
            "eager_eot_threshold=0.5"
        ),
        (#"{"model":"flux-general-multi","language":"es"}"#, "{}", "wss://", "language_hint=es"),
    ]

    @Test(arguments: queries)
    func `writes what is configured into the query`(
        config: String, options: String, start: String, part: String
    ) throws {
        let harness = try DeepgramHarness(config, options: options)
        let url = try #require(harness.session.requests.first?.url)
        #expect(url.hasPrefix(start) && url.contains(part))
        #expect(harness.session.requests.first?.header("authorization") == nil)
        harness.end()
    }

    @Test func `hears an utterance: partial transcripts, then all final stretches as one`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(1_000, in: 1)
            harness.results("what", 0, 1.0, final: false)
            harness.results("what", 0, 1.0, final: false)
            harness.results("What time", 0.1, 0.9, confidence: 0.8)
            harness.speak(500, in: 1)
            harness.results("is it", 0.9, 1.5, final: false)
            harness.finish(1)
            #expect(harness.sentText() == [#"{"type":"Finalize"}"#])
            harness.results("is it?", 0.9, 1.6, finalize: true, confidence: 1)
            #expect(
                harness.heard == [
                    "1 partial what", "1 partial What time", "1 partial What time is it", "1 partial What time is it?",
                    "1 final What time is it?",
                ])
            let partials = harness.session.events.filter { $0.type == .partial }
            #expect(partials.map(\.integer) == [0, 9, 9, 16])
            #expect(abs((harness.session.events.last?.number ?? 0) - 0.9) < 0.001)
            // 1.5 s of the caller behind 100 ms that open the stream.
            #expect(harness.sentMilliseconds() == 1_600)
        }
    }

    @Test func `sends frames of the caller in larger messages, and all of them at the end`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(100, in: 1)
            harness.finish(1)
            let sizes = harness.session.sent(harness.socket).compactMap { message -> Int? in
                if case .binary(let bytes) = message { bytes.count / 32 } else { nil }
            }
            #expect(sizes.reduce(0, +) == 200)
            #expect(sizes.allSatisfy { $0 > 0 && $0 <= 250 })
        }
    }

    @Test func `says what there is when Finalize is not answered`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(1_000, in: 1)
            harness.results("hello", 0, 0.6)
            harness.results("there", 0.6, 1.1, final: false)
            harness.finish(1)
            harness.session.advance(milliseconds: 299)
            #expect(harness.texts(.final).isEmpty)
            harness.session.advance(milliseconds: 1)
            #expect(harness.texts(.final) == ["hello there"])
            // What comes late is of nobody, and not of the next utterance.
            harness.results("there", 0.6, 1.1)
            harness.speak(1_000, in: 2)
            harness.results("you", 1.1, 2.1, finalize: false)
            harness.finish(2)
            harness.results("", 2.0, 2.1, finalize: true)
            #expect(harness.texts(.final) == ["hello there", "you"])
        }
    }

    @Test func `answers an utterance without words, and one that nobody spoke in`() throws {
        try DeepgramHarness.run { harness in
            harness.finish(1)
            #expect(harness.heard == ["1 final "])
            harness.speak(400, in: 2)
            harness.finish(2)
            harness.results("", 0, 0.5, finalize: true)
            #expect(harness.heard == ["1 final ", "2 final "])
            harness.speak(400, in: 3)
            harness.results("", 0.5, 0.9)
            // All of it is heard already: nothing to ask for.
            harness.finish(3)
            #expect(harness.texts(.final) == ["", "", ""])
        }
    }

    @Test func `waits longer for a vendor that has said nothing yet`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            harness.finish(1)
            harness.session.advance(milliseconds: 900)
            #expect(harness.texts(.final).isEmpty)
            harness.results("late", 0, 0.5, finalize: true)
            #expect(harness.texts(.final) == ["late"])
            harness.speak(400, in: 2)
            harness.finish(2)
            harness.session.advance(milliseconds: 1_500)
            #expect(harness.texts(.final) == ["late", ""])
            harness.session.advance(milliseconds: 10_000)
            #expect(harness.session.terminals(2).count == 1)
        }
    }

    @Test func `keeps the next utterance apart while the last one is finalised`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(1_000, in: 1)
            harness.finish(1)
            harness.speak(200, in: 2)
            harness.results("one", 0.1, 1.1, finalize: true)
            harness.results("two", 1.1, 1.3, final: false)
            harness.finish(2)
            harness.results("two", 1.1, 1.3, finalize: true)
            #expect(harness.texts(.final) == ["one", "two"])
            #expect(harness.session.terminals(1).count == 1 && harness.session.terminals(2).count == 1)
        }
    }

    @Test func `keeps the connection awake while nobody speaks`() throws {
        try DeepgramHarness.run { harness in
            harness.session.advance(milliseconds: 3_999)
            #expect(harness.sentText().isEmpty)
            harness.session.advance(milliseconds: 8_001)
            #expect(harness.sentText() == [String](repeating: #"{"type":"KeepAlive"}"#, count: 3))
            harness.speak(3_000, in: 1)
            harness.session.advance(milliseconds: 3_000)
            #expect(harness.sentText().count == 3)
            #expect(harness.session.requests.count == 1)
        }
    }

    @Test func `tells the vendor that the stream ends`() throws {
        let harness = try DeepgramHarness()
        harness.accept()
        harness.end()
        #expect(harness.sentText().last == #"{"type":"CloseStream"}"#)
        #expect(harness.session.closing(harness.socket)?.code == 1000)
    }

    @Test func `answers a cancelled request once, and nothing of it later`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            harness.results("no", 0, 0.3, final: false)
            harness.finish(1)
            harness.session.cancel(1)
            harness.session.advance(milliseconds: 1)
            harness.results("no", 0, 0.5, finalize: true)
            harness.session.advance(milliseconds: 10_000)
            #expect(harness.heard == ["1 partial no", "1 cancelled"])
            harness.speak(400, in: 2)
            harness.session.cancel(2)
            harness.session.advance(milliseconds: 1)
            #expect(harness.session.terminals(2).isEmpty)
            harness.speak(400, in: 3)
            harness.results("yes", 0.9, 1.3, final: false)
            harness.finish(3)
            harness.session.advance(milliseconds: 300)
            #expect(harness.texts(.final) == ["yes"])
        }
    }

    @Test func `is drained when no request is open`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            harness.finish(1)
            harness.session.send(OutgoingEvent(.drain))
            #expect(harness.heard.isEmpty)
            harness.results("x", 0, 0.5, finalize: true)
            #expect(harness.heard == ["1 partial x", "1 final x", "drained"])
        }
    }

    @Test func `waits for room in the host's queue and loses no event`() throws {
        let host = FakeHost()
        let provider = try host.open(deepgramModule.table, .stt, "deepgram")
        let session = try provider.openSession(queueLimit: 1)
        session.acceptSocket(try #require(session.requests.first?.id))
        session.send(OutgoingEvent(.endOfInput, generation: 1))
        session.send(OutgoingEvent(.endOfInput, generation: 2))
        for _ in 0..<8 { session.takeAll() }
        #expect(session.events.map(\.type) == [.state, .ready, .final, .final])
        session.close()
        provider.close()
    }

    @Test func `holds audio back while the socket takes none, and sends it when it does`() throws {
        try DeepgramHarness.run { harness in
            harness.session.refuseSends(harness.socket)
            harness.speak(2_000, in: 1)
            harness.finish(1)
            #expect(harness.sentMilliseconds() == 100)
            harness.session.refuseSends(harness.socket, false)
            #expect(harness.sentMilliseconds() == 2_100)
            #expect(harness.sentText() == [#"{"type":"Finalize"}"#])
        }
    }

    @Test func `refuses what is not 16 bit mono, and a host without network`() throws {
        let provider = try FakeHost().open(deepgramModule.table, .stt, "deepgram")
        #expect(throws: PluginError.self) {
            try provider.openSession(input: AudioFormat(encoding: .float32, sampleRate: 16_000))
        }
        provider.close()
        let alone = try FakeHost(offersNetwork: false).open(deepgramModule.table, .stt, "deepgram")
        #expect(throws: PluginError.self) { try alone.openSession() }
        alone.close()
    }
}
