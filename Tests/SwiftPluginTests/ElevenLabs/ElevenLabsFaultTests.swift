// SPDX-License-Identifier: Apache-2.0
import ElevenLabs
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("ElevenLabs' speaker, when the vendor misbehaves")
struct ElevenLabsFaultTests {
    static let reset = PluginError.unavailable("reset by peer")

    struct Refusal: Sendable {
        let status: Int
        let code: String
        let kind: Status
        let isRetryable: Bool
    }

    static let refusals = [
        Refusal(status: 400, code: "voice_not_found", kind: .notFound, isRetryable: false),
        Refusal(status: 400, code: "max_character_limit_exceeded", kind: .invalid, isRetryable: false),
        Refusal(status: 401, code: "invalid_api_key", kind: .unauthenticated, isRetryable: false),
        Refusal(status: 401, code: "quota_exceeded", kind: .quotaExceeded, isRetryable: false),
        Refusal(status: 403, code: "only_for_creator+", kind: .notPermitted, isRetryable: false),
        Refusal(status: 404, code: "", kind: .notFound, isRetryable: false),
        Refusal(status: 408, code: "", kind: .deadlineExceeded, isRetryable: true),
        Refusal(status: 409, code: "", kind: .unavailable, isRetryable: true),
        Refusal(status: 408, code: "invalid_request", kind: .deadlineExceeded, isRetryable: true),
        Refusal(status: 404, code: "invalid_request", kind: .notFound, isRetryable: false),
        Refusal(status: 413, code: "", kind: .invalid, isRetryable: false),
        Refusal(status: 422, code: "", kind: .invalid, isRetryable: false),
        Refusal(status: 429, code: "too_many_concurrent_requests", kind: .quotaExceeded, isRetryable: true),
        Refusal(status: 429, code: "system_busy", kind: .unavailable, isRetryable: true),
        Refusal(status: 500, code: "", kind: .unavailable, isRetryable: true),
        Refusal(status: 503, code: "", kind: .unavailable, isRetryable: true),
    ]

    @Test(arguments: refusals)
    func `gives a refused connection its class, and each clause one end`(refusal: Refusal) throws {
        let harness = try ElevenLabsHarness()
        harness.session.speak("x", clause: 1, generation: 1)
        harness.session.speak("y", clause: 2, generation: 1)
        var tries = 0
        while harness.errors.isEmpty, tries < 10 {
            tries += 1
            harness.session.refuseSocket(
                harness.exchange, status: refusal.status,
                body: #"{"detail":{"status":"\#(refusal.code)","message":"because"}}"#, error: .unavailable("refused"))
            harness.session.advance(milliseconds: 650)
        }
        #expect(tries == (refusal.isRetryable ? 3 : 1))
        let ended = harness.errors.filter { $0.generation == 1 }
        #expect(ended.map(\.id) == [1, 2])
        #expect(ended.allSatisfy { $0.integer == Int64(refusal.kind.rawValue) })
        #expect(
            ended.allSatisfy { $0.isRetryable == refusal.isRetryable && $0.text.contains("HTTP \(refusal.status)") })
        #expect(ended.allSatisfy { $0.text.contains("because") && !$0.text.contains("secret") })
        // The next clause: at once the same where another try is in vain, else a new connection.
        let count = harness.session.requests.count
        harness.session.speak("z", clause: 1, generation: 2)
        #expect(harness.session.requests.count == count + (refusal.isRetryable ? 1 : 0))
        #expect(harness.session.terminals(2).count == (refusal.isRetryable ? 0 : 1))
        harness.end()
    }

    @Test func `waits as long as the vendor asks, if that is not too long for a caller`() throws {
        let harness = try ElevenLabsHarness()
        harness.session.speak("x", clause: 1, generation: 1)
        let busy = { (wait: UInt32) in
            PluginError(.quotaExceeded, "429", isRetryable: true, retryAfterMilliseconds: wait)
        }
        harness.session.refuseSocket(harness.exchange, status: 429, error: busy(1_500))
        harness.session.advance(milliseconds: 1_499)
        #expect(harness.session.requests.count == 1)
        harness.session.advance(milliseconds: 1)
        #expect(harness.session.requests.count == 2)
        harness.session.refuseSocket(harness.exchange, status: 429, error: busy(30_000))
        #expect(harness.errors.map(\.json).contains(#"{"retry_after_ms":30000,"vendor_code":429}"#))
        harness.end()
    }

    static let reports: [(String, Status, Bool)] = [
        (#"{"message":"no","error":"invalid_api_key","code":1008}"#, .unauthenticated, false),
        (#"{"message":"You have run out","error":"quota_exceeded","code":1008}"#, .quotaExceeded, false),
        (#"{"message":"A voice does not exist","error":"voice_id_does_not_exist","code":1008}"#, .notFound, false),
        (#"{"error":"input_timeout_exceeded"}"#, .deadlineExceeded, true),
        (#"{"message":"what?"}"#, .unavailable, true),
    ]

    @Test(arguments: reports)
    func `takes an error message for the reason of the close that follows`(
        message: String, kind: Status, isRetryable: Bool
    ) throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.audio("1.1", 0.1)
            harness.say(message)
            harness.session.closeSocket(harness.exchange, code: 1008, reason: "policy")
            #expect(harness.errors.map(\.integer) == [Int64(kind.rawValue)])
            #expect(harness.errors.first?.isRetryable == isRetryable)
        }
    }

    @Test func `fails one context alone when the error names it`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.session.speak("y", clause: 2, generation: 1)
            harness.say(#"{"error":"system_busy","message":"m","contextId":"1.1"}"#)
            harness.audio("1.2", 0.1)
            harness.final("1.2")
            #expect(harness.spoken == ["1.1 error \(Status.unavailable.rawValue)", "1.2 audio 100", "1.2 done"])
        }
    }

    /// Where a connection may be cut: how far a clause has come, and whether it may be sent again.
    enum Point: String, CaseIterable, Sendable {
        case connecting, sent, opened, afterAudio, afterMark, beforeFinal, idle
    }

    @Test(arguments: Point.allCases)
    func `loses no word and says none twice, wherever it is cut`(point: Point) throws {
        let harness = try ElevenLabsHarness()
        if point != .connecting { harness.accept() }
        if point != .opened, point != .idle { harness.session.speak("One two.", clause: 1, generation: 1) }
        if point == .afterAudio { harness.audio("1.1", 0.5) }
        if point == .afterMark { harness.audio("1.1", 0.5, text: "One two.") }
        if point == .beforeFinal { harness.audio("1.1", 1, text: "One two.") }
        if point == .idle { harness.session.advance(milliseconds: 30_000) }
        harness.session.closeSocket(harness.exchange, code: 0, error: Self.reset)
        if point == .opened || point == .idle { harness.session.speak("One two.", clause: 1, generation: 1) }
        if [.afterAudio, .afterMark, .beforeFinal].contains(point) {
            // The host knows what was heard, and asks for the rest.
            #expect(harness.spoken.last == "1.1 error \(Status.unavailable.rawValue)")
            #expect(harness.errors.first?.isRetryable == true)
        } else {
            harness.session.advance(milliseconds: 650)
            harness.accept()
            let context = point == .sent ? "1.1.1" : "1.1"
            #expect(harness.sent(context).count == 3)
            harness.audio(context, 1)
            harness.final(context)
            #expect(harness.spoken == ["1.1 audio 1000", "1.1 done"])
        }
        #expect(harness.session.terminals(1).count == 1)
        harness.end()
    }

    @Test func `gives a clause an outcome when nothing comes`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.session.advance(milliseconds: 7_000)
            #expect(harness.spoken == ["1.1 error \(Status.deadlineExceeded.rawValue)"])
            #expect(harness.session.closing(harness.exchange)?.code == 0)
            harness.session.speak("y", clause: 1, generation: 2)
            #expect(harness.session.requests.count == 2)
            harness.session.advance(milliseconds: 7_000)
            #expect(harness.session.terminals(2).count == 1)
        }
    }

    static let garbage = [
        "", "{", "null", "[]", "7", "{}", #"{"audio":7,"contextId":"1.1"}"#, #"{"audio":"*","contextId":"1.1"}"#,
        #"{"audio":"AQ","contextId":"#, "\u{FFFD}", String(repeating: "[", count: 100_000),
    ]

    @Test(arguments: garbage)
    func `goes on after a message that cannot be read`(message: String) throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            harness.say(message)
            harness.audio("1.1", 0.1)
            harness.final("1.1")
            #expect(harness.spoken == ["1.1 audio 100", "1.1 done"])
        }
    }

    @Test(
        arguments: [
            #"{"chars":"x","charStartTimesMs":[0]}"#, #"{"chars":["x"],"charStartTimesMs":["0"]}"#, "7", "{}",
            #"{"chars":["x","y"],"charStartTimesMs":[-1e308]}"#, #"{"chars":["x"],"charStartTimesMs":[1e400]}"#,
            #"{"chars":["x"],"charStartTimesMs":[9223372036854775807]}"#, #"{"chars":[7],"charStartTimesMs":[0]}"#,
        ])
    func `plays audio whose alignment is absurd`(alignment: String) throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x y", clause: 1, generation: 1)
            harness.say(#"{"audio":"AQACAA==","contextId":"1.1","alignment":\#(alignment)}"#)
            harness.final("1.1")
            #expect(harness.samples == [1, 2])
            let marks = harness.session.events.filter { $0.type == .mark }
            #expect(marks.allSatisfy { (0...2).contains($0.secondInteger) && (0...2).contains($0.integer) })
        }
    }

    @Test func `gives up a server that is not ElevenLabs`() throws {
        try ElevenLabsHarness.run { harness in
            harness.session.speak("x", clause: 1, generation: 1)
            for _ in 0..<3 {
                for _ in 0..<16 { harness.say("hello") }
                harness.session.advance(milliseconds: 650)
                harness.accept()
            }
            #expect(harness.spoken == ["1.1 error \(Status.internalError.rawValue)"])
        }
    }
}
