// SPDX-License-Identifier: Apache-2.0
import Deepgram
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("Deepgram's recogniser, when the connection is lost")
struct DeepgramLossTests {
    static let reset = PluginError.unavailable("reset by peer")
    private static let all = WordVendor.words.joined(separator: " ")

    /// 3.2 s of eight words in one utterance; the connection is lost after `cut` frames, for `outage` ms.
    private func talk(cutAfter cut: Int, outage: Int = 0) throws -> [String] {
        var finals: [String] = []
        try DeepgramHarness.run { harness in
            let vendor = WordVendor(harness)
            var silentUntil = 0
            for frame in 0..<160 {
                if frame == cut {
                    harness.session.closeSocket(harness.socket, code: 1011, reason: "NET-0000", error: Self.reset)
                    silentUntil = frame + outage / 20
                }
                if frame >= silentUntil { vendor.acceptIfNew() }
                harness.speak(20, in: 1, sample: WordVendor.frame(frame))
                if frame % 5 == 0 { vendor.listen() }
            }
            harness.finish(1)
            if cut == 160 { harness.session.closeSocket(harness.socket, code: 0, error: Self.reset) }
            for _ in 0..<300 where harness.texts(.final).isEmpty {
                vendor.acceptIfNew()
                harness.session.advance(milliseconds: 20)
                vendor.listen()
            }
            #expect(harness.session.terminals(1).count == 1)
            finals = harness.texts(.final)
        }
        return finals
    }

    @Test(arguments: stride(from: 0, through: 160, by: 7).map { $0 } + [160])
    func `loses no word and hears none twice, wherever it is cut`(cut: Int) throws {
        #expect(try talk(cutAfter: cut) == [Self.all])
    }

    @Test func `survives a second of outage in the middle of a word`() throws {
        #expect(try talk(cutAfter: 65, outage: 1_000) == [Self.all])
    }

    @Test func `says that it reconnects, and tries three times with growing pauses`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(200, in: 1)
            var pauses: [Int64] = []
            for attempt in 1...3 {
                harness.session.closeSocket(harness.socket, code: 0, error: Self.reset)
                let since = harness.host.now
                while harness.session.requests.count == attempt { harness.session.advance(milliseconds: 10) }
                pauses.append((harness.host.now - since) / 1_000_000)
            }
            #expect((80...130).contains(pauses[0]) && (400...610).contains(pauses[1]))
            #expect((1_600...2_410).contains(pauses[2]))
            #expect(harness.texts(.state) == ["connected", "reconnecting", "reconnecting", "reconnecting"])
            harness.session.closeSocket(harness.socket, code: 0, error: Self.reset)
            #expect(harness.errors.map(\.generation) == [1])
            #expect(harness.errors.first?.isRetryable == true)
            // Its ERROR is sent: the end of the utterance is refused, and nothing follows.
            #expect(harness.finish(1) == .unavailable)
            harness.session.advance(milliseconds: 60_000)
            #expect(harness.session.terminals(1).count == 1)
            // The next utterance is worth a new attempt.
            harness.speak(200, in: 2)
            #expect(harness.session.requests.count == 5)
            harness.accept()
            harness.finish(2)
            harness.results("back", 0, 0.2, finalize: true)
            #expect(harness.texts(.final) == ["back"])
        }
    }

    @Test func `hears again what a message that cannot be read may have said`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(1_000, in: 1)
            harness.results("one", 0, 0.4)
            harness.say(#"{"type":"Results","start":0.4,"duration":0."#)
            harness.speak(1_000, in: 1)
            // The results go on where the lost ones ended.
            harness.results("three", 0.8, 1.4, final: false)
            harness.session.advance(milliseconds: 130)
            #expect(harness.session.requests.count == 2)
            harness.accept()
            // All but what is settled: 2 s and the opening 100 ms, less 0.4 s.
            harness.session.advance(milliseconds: 3_000)
            #expect((1_690...1_710).contains(harness.sentMilliseconds()))
            harness.results("two three", 0, 1.2)
            harness.finish(1)
            harness.results("four", 1.2, 1.7, finalize: true)
            #expect(harness.texts(.final) == ["one two three four"])
        }
    }

    @Test func `takes no interim words for final ones while there is no connection to ask`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(1_000, in: 1)
            harness.results("one", 0, 0.4, final: false)
            harness.finish(1)
            harness.session.closeSocket(harness.socket, code: 1011)
            harness.session.advance(milliseconds: 130)
            harness.session.refuseSocket(harness.socket, status: 503, error: Self.reset)
            harness.session.advance(milliseconds: 1_000)
            #expect(harness.texts(.final).isEmpty)
            harness.accept()
            harness.results("one two", 0, 1, finalize: true)
            #expect(harness.texts(.final) == ["one two"])
        }
    }

    @Test func `counts tries anew once the vendor has said something`() throws {
        try DeepgramHarness.run { harness in
            for _ in 0..<6 {
                harness.speak(200, in: 1)
                harness.results("", 0, 0.1, final: false)
                harness.session.closeSocket(harness.socket, code: 1011)
                harness.session.advance(milliseconds: 130)
                harness.accept()
            }
            #expect(harness.errors.isEmpty && harness.session.requests.count == 7)
        }
    }

    @Test func `waits as long as the vendor asks, if that is not too long for a caller`() throws {
        let harness = try DeepgramHarness()
        let busy = { (wait: UInt32) in
            PluginError(.quotaExceeded, "429", isRetryable: true, retryAfterMilliseconds: wait)
        }
        harness.session.refuseSocket(harness.socket, status: 429, error: busy(3_000))
        harness.session.advance(milliseconds: 2_999)
        #expect(harness.session.requests.count == 1)
        harness.session.advance(milliseconds: 1)
        #expect(harness.session.requests.count == 2)
        harness.session.refuseSocket(harness.socket, status: 429, error: busy(60_000))
        harness.session.advance(milliseconds: 70_000)
        #expect(harness.session.requests.count == 2)
        let error = try #require(harness.errors.first)
        #expect(error.integer == Int64(Status.quotaExceeded.rawValue) && error.isRetryable && error.generation == 0)
        #expect(error.json == #"{"retry_after_ms":60000,"vendor_code":429}"#)
        harness.end()
    }

    @Test func `replays at a pace that the vendor can follow`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(4_000, in: 1)
            harness.session.closeSocket(harness.socket, code: 1011)
            harness.session.advance(milliseconds: 130)
            harness.accept()
            #expect(harness.sentMilliseconds() == 500)
            harness.session.advance(milliseconds: 1_000)
            #expect((1_700...2_900).contains(harness.sentMilliseconds()))
            harness.session.advance(milliseconds: 2_500)
            #expect((4_000...4_100).contains(harness.sentMilliseconds()))
            harness.finish(1)
            #expect(harness.sentText() == [#"{"type":"Finalize"}"#])
        }
    }

    @Test func `says that it cannot be reached before the host's patience of five seconds is over`() throws {
        try DeepgramHarness.run { harness in
            harness.speak(200, in: 1)
            harness.session.closeSocket(harness.socket, code: 0, error: Self.reset)
            harness.finish(1)
            // The new connection never comes to be.
            harness.session.advance(milliseconds: 4_199)
            #expect(harness.errors.isEmpty)
            harness.session.advance(milliseconds: 1)
            let error = try #require(harness.errors.first)
            #expect(error.integer == Int64(Status.unavailable.rawValue))
            #expect(error.text == "Deepgram cannot be reached: reset by peer")
            // The host could not ask again in time.
            #expect(!error.isRetryable && harness.errors.count == 1)
        }
    }

    @Test func `fails for good when the tries are over and the caller waits, not while the caller speaks`() throws {
        for isWaiting in [false, true] {
            try DeepgramHarness.run { harness in
                harness.speak(200, in: 1)
                if isWaiting { harness.finish(1) }
                for _ in 0..<4 {
                    harness.session.closeSocket(harness.socket, code: 0, error: Self.reset)
                    if harness.errors.isEmpty { harness.session.advance(milliseconds: 2_500) }
                    if isWaiting, !harness.errors.isEmpty { break }
                }
                #expect(harness.errors.map(\.generation) == [1])
                #expect(harness.errors.map(\.integer) == [Int64(Status.unavailable.rawValue)])
                #expect(harness.errors.first?.isRetryable == !isWaiting)
            }
        }
    }

    @Test func `fails an utterance that a connected vendor leaves without outcome`() throws {
        try DeepgramHarness.run { harness in
            harness.session.refuseSends(harness.socket)
            harness.speak(200, in: 1)
            harness.finish(1)
            harness.session.advance(milliseconds: 4_200)
            #expect(harness.errors.map(\.integer) == [Int64(Status.deadlineExceeded.rawValue)])
            #expect(harness.errors.first?.isRetryable == false)
        }
    }

    @Test func `connects again when an idle connection is closed, without an error`() throws {
        try DeepgramHarness.run { harness in
            harness.session.advance(milliseconds: 20_000)
            harness.session.closeSocket(harness.socket, code: 1011, reason: "NET-0001")
            harness.session.advance(milliseconds: 130)
            #expect(harness.session.requests.count == 2)
            harness.accept()
            harness.speak(400, in: 1)
            harness.finish(1)
            harness.results("hi", 0.1, 0.5, finalize: true)
            #expect(harness.heard == ["1 partial hi", "1 final hi"])
        }
    }

    @Test func `remembers no more than thirty seconds`() throws {
        try DeepgramHarness.run(rate: 8_000) { harness in
            harness.session.refuseSends(harness.socket)
            harness.speak(40_000, in: 1)
            harness.session.refuseSends(harness.socket, false)
            #expect((29_900...30_100).contains(harness.sentMilliseconds()))
        }
    }
}
