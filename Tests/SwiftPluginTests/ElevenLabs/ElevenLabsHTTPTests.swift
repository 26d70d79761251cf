// SPDX-License-Identifier: Apache-2.0
import ElevenLabs
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("ElevenLabs' speaker over HTTP")
struct ElevenLabsHTTPTests {
    static let config = #"{"transport":"http","voice_id":"v","url":"ws://localhost:1","api_key":"${secret:api_key}"}"#

    private func bytes(_ milliseconds: Int, _ sample: Int16 = 1) -> [UInt8] {
        [Int16](repeating: sample, count: milliseconds * 16).withUnsafeBytes { Array($0) }
    }

    private func answer(_ harness: ElevenLabsHarness, _ milliseconds: Int) {
        harness.session.answer(harness.exchange, status: 200, headers: ["content-type": "audio/pcm"])
        harness.session.deliver(harness.exchange, bytes(milliseconds), pieceBytes: 333)
        harness.session.finish(harness.exchange)
    }

    @Test func `asks for a clause after the other, each with what was said before`() throws {
        try ElevenLabsHarness.run(Self.config) { harness in
            #expect(harness.host.prewarmed.first?.hasPrefix("http://localhost:1/") == true)
            harness.session.speak("One.", clause: 1, generation: 5, isLast: false)
            harness.session.speak("Two.", clause: 2, generation: 5)
            #expect(harness.session.requests.count == 1)
            let request = try #require(harness.session.requests.first)
            #expect(
                request.url == "http://localhost:1/v1/text-to-speech/v/stream?output_format=pcm_16000"
                    && request.method == "POST" && request.generation == 5)
            #expect(request.header("xi-api-key") == "${secret:api_key}")
            #expect(request.bodyText == #"{"model_id":"eleven_flash_v2_5","text":"One."}"#)
            answer(harness, 300)
            #expect(
                harness.session.requests.last?.bodyText
                    == #"{"model_id":"eleven_flash_v2_5","previous_text":"One.","text":"Two."}"#)
            answer(harness, 200)
            #expect(harness.spoken == ["5.1 audio 300", "5.1 done", "5.2 audio 200", "5.2 done"])
        }
    }

    @Test func `ends the request of a cancelled response`() throws {
        try ElevenLabsHarness.run(Self.config) { harness in
            harness.session.speak("One.", clause: 1, generation: 1)
            harness.session.speak("Two.", clause: 2, generation: 1)
            harness.session.cancel(1)
            harness.session.advance(milliseconds: 1)
            #expect(harness.spoken == ["1.1 cancelled", "1.2 cancelled"])
            #expect(harness.session.openRequests.isEmpty)
            harness.session.speak("Three.", clause: 1, generation: 2)
            answer(harness, 100)
            #expect(harness.spoken.suffix(2) == ["2.1 audio 100", "2.1 done"])
        }
    }

    @Test(arguments: ElevenLabsFaultTests.refusals)
    func `gives a refusal its class, and tries again only where that may help`(
        refusal: ElevenLabsFaultTests.Refusal
    ) throws {
        try ElevenLabsHarness.run(Self.config) { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            var tries = 0
            while harness.errors.isEmpty, tries < 10 {
                tries += 1
                harness.session.answer(harness.exchange, status: refusal.status)
                harness.session.deliver(
                    harness.exchange, #"{"detail":{"status":"\#(refusal.code)","message":"because"}}"#, pieceBytes: 1)
                harness.session.finish(harness.exchange)
                harness.session.advance(milliseconds: 650)
            }
            #expect(tries == (refusal.isRetryable ? 3 : 1))
            #expect(harness.errors.map(\.integer) == [Int64(refusal.kind.rawValue)])
            #expect(harness.errors.first?.isRetryable == refusal.isRetryable)
            #expect(harness.session.requests.allSatisfy { !$0.isSocket })
        }
    }

    @Test(arguments: [
        "", "{", #"{"detail":[{"loc":["body"],"msg":"field required","type":"missing"}]}"#, #"{"detail":7}"#,
    ])
    func `reads any body of a refusal`(body: String) throws {
        try ElevenLabsHarness.run(Self.config) { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.session.answer(harness.exchange, status: 422)
            harness.session.deliver(harness.exchange, body)
            harness.session.finish(harness.exchange)
            #expect(harness.errors.map(\.integer) == [Int64(Status.invalid.rawValue)])
            if body.contains("field") { #expect(harness.errors.first?.text.contains("field required") == true) }
        }
    }

    @Test func `does not say again what was heard in part`() throws {
        try ElevenLabsHarness.run(Self.config) { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.session.answer(harness.exchange, status: 200)
            harness.session.deliver(harness.exchange, bytes(100))
            harness.session.finish(harness.exchange, error: .unavailable("reset"))
            #expect(harness.spoken == ["1.1 audio 100", "1.1 error \(Status.unavailable.rawValue)"])
            harness.session.speak("y", clause: 2, generation: 1)
            harness.session.finish(harness.exchange, error: .unavailable("reset"))
            harness.session.advance(milliseconds: 130)
            answer(harness, 100)
            #expect(harness.spoken.suffix(2) == ["1.2 audio 100", "1.2 done"])
        }
    }

    @Test func `does not play a page as sound`() throws {
        try ElevenLabsHarness.run(Self.config) { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.session.answer(harness.exchange, status: 200, headers: ["content-type": "text/html"])
            harness.session.deliver(harness.exchange, "<html>")
            harness.session.finish(harness.exchange)
            #expect(harness.samples.isEmpty)
            #expect(harness.spoken == ["1.1 error \(Status.internalError.rawValue)"])
        }
    }

    @Test func `stops reading while the host has no room`() throws {
        try ElevenLabsHarness.run(Self.config, queueLimit: 3) { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.session.answer(harness.exchange, status: 200)
            harness.session.deliver(harness.exchange, bytes(1_000))
            #expect(!harness.session.isReading(harness.exchange))
            harness.session.finish(harness.exchange)
            for _ in 0..<10 { harness.session.takeAll() }
            #expect(harness.samples.count == 16_000)
            #expect(harness.session.terminals(1).map(\.type) == [.done])
        }
    }

    @Test func `gives a clause an outcome when the answer stops`() throws {
        try ElevenLabsHarness.run(Self.config) { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.session.answer(harness.exchange, status: 200)
            harness.session.deliver(harness.exchange, bytes(100))
            harness.session.advance(milliseconds: 7_000)
            #expect(harness.spoken.last == "1.1 error \(Status.deadlineExceeded.rawValue)")
            #expect(harness.session.openRequests.isEmpty)
        }
    }

    @Test func `takes the host's refusal for what it is`() throws {
        try ElevenLabsHarness.run(Self.config) { harness in
            harness.session.refusal = PluginError(.notPermitted, "not in the allow-list")
            harness.session.speak("x", clause: 1, generation: 1)
            #expect(harness.errors.map(\.integer) == [Int64(Status.notPermitted.rawValue)])
        }
    }
}
