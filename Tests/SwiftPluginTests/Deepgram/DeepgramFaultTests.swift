// SPDX-License-Identifier: Apache-2.0
import Deepgram
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Deepgram's recogniser, when the vendor misbehaves")
struct DeepgramFaultTests {
    struct Refusal: Sendable {
        let status: Int
        let kind: Status
        let isRetryable: Bool
        let triesAgain: Bool
        var body = ""
        var words = ""
    }

    static let refusals = [
        Refusal(status: 400, kind: .invalid, isRetryable: false, triesAgain: false),
        Refusal(
            status: 401, kind: .unauthenticated, isRetryable: false, triesAgain: false,
            body: #"{"err_code":"INVALID_AUTH","err_msg":"Invalid credentials.","request_id":"r"}"#,
            words: "INVALID_AUTH: Invalid credentials."),
        Refusal(status: 402, kind: .quotaExceeded, isRetryable: false, triesAgain: false),
        Refusal(
            status: 403, kind: .notPermitted, isRetryable: false, triesAgain: false,
            body: #"{"category":"FORBIDDEN","message":"no such model for you","details":"","request_id":"r"}"#,
            words: "FORBIDDEN: no such model for you"),
        Refusal(status: 404, kind: .notFound, isRetryable: false, triesAgain: false, body: "{\"err"),
        Refusal(status: 408, kind: .deadlineExceeded, isRetryable: true, triesAgain: true),
        Refusal(status: 409, kind: .unavailable, isRetryable: true, triesAgain: false),
        Refusal(status: 413, kind: .invalid, isRetryable: false, triesAgain: false),
        Refusal(status: 429, kind: .quotaExceeded, isRetryable: true, triesAgain: true),
        Refusal(status: 500, kind: .unavailable, isRetryable: true, triesAgain: true, body: "\u{FFFD}\u{0}"),
        Refusal(status: 503, kind: .unavailable, isRetryable: true, triesAgain: true),
        Refusal(status: 504, kind: .deadlineExceeded, isRetryable: true, triesAgain: true),
    ]

    @Test(arguments: refusals)
    func `gives a refused connection its class`(refusal: Refusal) throws {
        let harness = try DeepgramHarness()
        var tries = 0
        while harness.errors.isEmpty, tries < 10 {
            tries += 1
            harness.session.refuseSocket(
                harness.socket, status: refusal.status, body: refusal.body, error: .unavailable("refused"))
            harness.session.advance(milliseconds: 3_000)
        }
        #expect(tries == (refusal.triesAgain ? 4 : 1))
        let error = try #require(harness.errors.first)
        #expect(error.integer == Int64(refusal.kind.rawValue) && error.isRetryable == refusal.isRetryable)
        #expect(error.text.contains("HTTP \(refusal.status)") && error.text.contains(refusal.words))
        #expect(error.json.contains(#""vendor_code":\#(refusal.status)"#))
        // An utterance fails at once where another try is in vain, and only once.
        harness.speak(100, in: 1)
        #expect(harness.errors.filter { $0.generation == 1 }.count == (refusal.triesAgain ? 0 : 1))
        if !refusal.triesAgain { #expect(harness.finish(1) == refusal.kind) }
        harness.end()
    }

    static let losses: [(PluginError, Status, Int)] = [
        (.unavailable("connection refused"), .unavailable, 4),
        (.unavailable("connection reset"), .unavailable, 4),
        (PluginError(.notPermitted, "the certificate has expired"), .notPermitted, 1),
        (PluginError(.deadlineExceeded, "no answer", isRetryable: true), .deadlineExceeded, 4),
    ]

    @Test(arguments: losses)
    func `gives a connection that fails its class`(error: PluginError, kind: Status, tries: Int) throws {
        let harness = try DeepgramHarness()
        for _ in 0..<tries {
            #expect(harness.errors.isEmpty)
            harness.session.closeSocket(harness.socket, code: 0, error: error)
            harness.session.advance(milliseconds: 3_000)
        }
        #expect(harness.errors.map(\.integer) == [Int64(kind.rawValue)])
        harness.end()
    }

    @Test func `does not send audio again that the vendor cannot use`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            harness.session.closeSocket(harness.socket, code: 1008, reason: "DATA-0000")
            #expect(harness.heard == ["1 error \(Status.invalid.rawValue)"])
            harness.session.advance(milliseconds: 10_000)
            #expect(harness.session.requests.count == 1)
        }
    }

    @Test func `takes the host's refusal to connect for what it is`() throws {
        let harness = try DeepgramHarness()
        harness.session.refusal = PluginError(.notPermitted, "not in the allow-list")
        harness.session.closeSocket(harness.socket, code: 1011)
        harness.session.advance(milliseconds: 130)
        #expect(harness.errors.map(\.integer) == [Int64(Status.notPermitted.rawValue)])
        harness.end()
    }

    static let garbage = [
        "", "{", "null", "[]", "\"Results\"", "{}", #"{"type":7}"#, #"{"type":"Results"}"#,
        #"{"type":"Results","channel":{"alternatives":[]}}"#, #"{"type":"Results","channel":[0,1]}"#,
        #"{"type":"Results","start":"0","channel":{"alternatives":[{"transcript":"x"}]}}"#,
        #"{"type":"Results","start":1e999,"channel":{"alternatives":[{"transcript":7}]}}"#,
        #"{"type":"Results","channel":{"alternatives":[{"transcript":"x","confidence":"high"}]}}"#,
        #"{"type":"TurnInfo"}"#, #"{"type":"TurnInfo","event":3}"#, "\u{FFFD}\u{FFFD}", "{\"type\":\"Res",
        String(repeating: "[", count: 100_000),
    ]

    @Test(arguments: garbage)
    func `goes on after a message that cannot be read`(message: String) throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            harness.say(message)
            harness.finish(1)
            harness.results("still here", 0, 0.5, finalize: true)
            #expect(harness.texts(.final) == ["still here"])
        }
    }

    @Test(arguments: garbage.prefix(6))
    func `gives an utterance an outcome when nothing can be read`(message: String) throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            harness.say(message)
            harness.finish(1)
            harness.session.advance(milliseconds: 2_000)
            #expect(harness.heard == ["1 error \(Status.internalError.rawValue)"])
        }
    }

    @Test func `fails an utterance of which the vendor says nothing at all`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(1_000, in: 1)
            harness.finish(1)
            harness.session.advance(milliseconds: 2_000)
            #expect(harness.heard == ["1 error \(Status.deadlineExceeded.rawValue)"])
            #expect(harness.errors.first?.isRetryable == true)
            // No word is an answer.
            harness.speak(1_000, in: 2)
            harness.results("", 1.1, 1.9, final: false)
            harness.finish(2)
            harness.session.advance(milliseconds: 2_000)
            #expect(harness.heard.last == "2 final ")
        }
    }

    @Test func `says nothing for the vendor while it is not there`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(1_000, in: 1)
            harness.finish(1)
            // Lost three times, the third pause is longer than an answer to Finalize is waited for.
            for _ in 0..<2 {
                harness.session.closeSocket(harness.socket, error: .unavailable("gone"))
                harness.session.advance(milliseconds: 650)
                harness.accept()
            }
            harness.session.closeSocket(harness.socket, error: .unavailable("gone"))
            harness.session.advance(milliseconds: 2_500)
            #expect(harness.texts(.final).isEmpty)
            harness.accept()
            harness.results("here I am", 0, 1.0, finalize: true)
            #expect(harness.texts(.final) == ["here I am"])
        }
    }

    @Test func `gives up a server that is not Deepgram`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            for _ in 0..<4 {
                for _ in 0..<16 { harness.say("hello") }
                harness.session.advance(milliseconds: 3_000)
                harness.accept()
            }
            #expect(harness.errors.map(\.integer) == [Int64(Status.internalError.rawValue)])
        }
    }

    @Test(arguments: ["1e308", "-1e308", "9223372036854775807", "1e400", "-5"])
    func `takes absurd times without harm`(number: String) throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            for final in [false, true] {
                harness.say(
                    #"{"type":"Results","start":\#(number),"duration":\#(number),"is_final":\#(final),"channel":"#
                        + #"{"alternatives":[{"transcript":"x","confidence":\#(number)}]}}"#)
            }
            harness.say(#"{"type":"SpeechStarted","channel":[0,1],"timestamp":\#(number)}"#)
            harness.say(#"{"type":"UtteranceEnd","channel":[0,1],"last_word_end":\#(number)}"#)
            harness.finish(1)
            harness.results("heard", 0, 0.5, finalize: true)
            #expect(harness.session.terminals(1).map(\.type) == [.final])
            #expect(harness.texts(.final).first?.hasSuffix("heard") == true)
        }
    }

    @Test func `reads a message that comes one byte at a time`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            harness.finish(1)
            harness.session.deliverText(
                harness.socket,
                #"{"type":"Results","start":0,"duration":0.5,"is_final":true,"from_finalize":true,"channel":{"alternatives":[{"transcript":"grüß","confidence":1}]}}"#,
                pieceBytes: 1)
            #expect(harness.texts(.final) == ["grüß"])
        }
    }

    @Test func `takes a message without end for a broken server`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            harness.session.deliverText(harness.socket, String(repeating: "a", count: 2 << 20))
            harness.session.advance(milliseconds: 130)
            harness.accept()
            harness.finish(1)
            harness.results("ok", 0, 0.4, finalize: true)
            #expect(harness.session.terminals(1).count == 1)
        }
    }

    @Test func `keeps no more of an utterance's words than it may`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            let words = [String](repeating: "no", count: 341).joined(separator: " ")
            for _ in 0..<200 { harness.results(words, 0, 0.3) }
            harness.finish(1)
            harness.results("", 0, 0.5, finalize: true)
            let heard = try #require(harness.texts(.final).first)
            #expect((60_000...65_536).contains(heard.utf8.count))
            #expect(harness.texts(.partial).allSatisfy { $0.utf8.count <= 65_536 })
        }
    }

    @Test func `reports what the vendor says of its own failure`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(400, in: 1)
            for _ in 0..<4 {
                harness.say(#"{"type":"Error","code":"INTERNAL_SERVER_ERROR","description":"sorry"}"#)
                harness.session.closeSocket(harness.socket, code: 1011)
                harness.session.advance(milliseconds: 3_000)
                harness.accept()
            }
            #expect(harness.errors.first?.text.contains("INTERNAL_SERVER_ERROR: sorry") == true)
        }
    }
}
