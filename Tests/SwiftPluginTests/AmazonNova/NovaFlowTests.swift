// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import AmazonNova

@Suite("Amazon Nova: flow, rotation, ends")
struct NovaFlowTests {
    @Test func `what the vendor does not take waits, and the chain of signatures holds`() throws {
        let bench = try NovaBench.opened()
        let id = try bench.request.id
        bench.session.refuseSends(id)
        let before = try bench.sent().count
        for _ in 0..<20 { bench.session.sendAudio([Int16](repeating: 1, count: 512)) }
        try #expect(bench.sent().count == before)
        bench.session.refuseSends(id, false)
        try #expect(bench.sent().count == before + 20)
        bench.end()
    }

    @Test func `of audio that waits the oldest goes, of events none`() throws {
        let bench = try NovaBench.opened()
        let id = try bench.request.id
        bench.session.refuseSends(id)
        for index in 0..<400 { bench.session.sendAudio([Int16](repeating: Int16(index), count: 512)) }
        bench.prompt(1, "hello")
        bench.session.refuseSends(id, false)
        let audio = try bench.sent().compactMap { event in
            try JSONValue(parsing: event)["event"]?["audioInput"]?["content"]?.string
        }
        let levels = audio.compactMap { Base64.decode($0).map { Int($0[0]) | Int($0[1]) << 8 } }
        // One was signed already when the vendor stopped taking, so that it had to go.
        #expect(levels == [0] + Array(150..<400))
        try #expect(bench.sentNames().suffix(3) == ["contentStart", "textInput", "contentEnd"])
        bench.end()
    }

    @Test func `what was said before the stream stood is sent when it stands`() throws {
        let bench = try NovaBench()
        #expect(
            bench.session.sendAudio([Int16](repeating: 1, count: 512)) == .ok, "without CONFIG there is a plain one")
        #expect(bench.configure() == .skip)
        try #expect(bench.sentNames() == ["sessionStart", "promptStart", "contentStart", "audioInput"])
        bench.end()
    }

    @Test func `the vendor is held up while the host does not take`() throws {
        let bench = try NovaBench.opened(queueLimit: 8)
        let id = try bench.request.id
        bench.prompt(1, "talk")
        try bench.audio([], nil)
        for _ in 0..<90 { try bench.chunk([Int16](repeating: 3, count: 24_000)) }
        #expect(!bench.session.isReading(id))
        try bench.end("a", "AUDIO", "END_TURN")
        var rounds = 0
        while !bench.told.contains("1: done"), rounds < 1_000 {
            bench.session.takeAll()
            rounds += 1
        }
        #expect(bench.session.isReading(id))
        #expect(bench.session.events.reduce(0) { $0 + $1.samples.count } == 90 * 24_000)
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test func `of a caller's text without end there is only the beginning`() throws {
        let bench = try NovaBench.opened()
        let words = String(repeating: "so it", count: 2_048)
        try bench.start("u", "TEXT", "USER", "FINAL")
        for _ in 0..<100 {
            try bench.say("textOutput", ["contentId": "u", "content": .string(words), "role": "USER"])
        }
        try bench.end("u", "TEXT", "PARTIAL_TURN")
        let heard = try #require(bench.session.events.last { $0.type == .final })
        #expect((1...65_536).contains(heard.text.utf8.count))
        bench.end()
    }

    @Test func `the host is told a minute before the vendor ends the session`() throws {
        let config = NovaBench.config.replacing("}\"}", with: "}\",\"session_seconds\":70}")
        let bench = try NovaBench.opened(config: config)
        bench.session.advance(milliseconds: 9_900)
        #expect(bench.told == ["ready"])
        bench.session.advance(milliseconds: 200)
        #expect(bench.told == ["ready", #"expiring {"seconds":60}"#])
        bench.end()
    }

    @Test func `a drain waits for the answer under way, then ends the session in order`() throws {
        let bench = try NovaBench.opened()
        let id = try bench.request.id
        bench.prompt(1, "hello")
        bench.session.send(OutgoingEvent(.drain))
        #expect(!bench.session.bodyIsComplete(id))
        try bench.answer("Hello.")
        #expect(bench.session.bodyIsComplete(id))
        #expect(bench.told.last == "1: done")
        #expect(bench.session.sendAudio([0]) == .closed)
        bench.session.advance(milliseconds: 2_100)
        #expect(bench.told.last == "drained", "the vendor need not answer")
        #expect(bench.session.openRequests.isEmpty)
        bench.end()
    }

    @Test func `a drain of a session that was never used, or has failed`() throws {
        let unused = try NovaBench()
        unused.session.send(OutgoingEvent(.drain))
        #expect(unused.told == ["drained"])
        unused.end()
        let failed = try NovaBench.opened()
        failed.session.finish(try failed.request.id)
        failed.session.send(OutgoingEvent(.drain))
        #expect(failed.told.last == "drained")
        failed.end()
    }

    @Test func `closing says good-bye to the vendor`() throws {
        let bench = try NovaBench.opened()
        bench.prompt(1, "hello")
        let id = try bench.request.id
        bench.end()
        #expect(bench.session.bodyIsComplete(id))
        try #expect(bench.sentNames().suffix(4) == ["contentEnd", "promptEnd", "sessionEnd", "\"end\""])
    }

    @Test func `random conversations keep one terminal for each request`() throws {
        for seed in UInt64(1)...60 {
            var random = NovaRandom(state: seed)
            let bench = try NovaBench.opened(queueLimit: Int.random(in: 2...20, using: &random))
            var asked: [UInt64] = []
            for step in UInt64(1)...40 {
                try Self.step(bench, step, &asked, &random)
            }
            bench.session.finish(try bench.request.id)
            for _ in 0..<200 { bench.session.takeAll() }
            for generation in asked { bench.expectOneTerminal(generation) }
            bench.end()
        }
    }

    private static func step(
        _ bench: NovaBench,
        _ step: UInt64,
        _ asked: inout [UInt64],
        _ random: inout NovaRandom
    ) throws {
        let isOdd = Bool.random(using: &random)
        switch Int.random(in: 0..<11, using: &random) {
        case 0: try bench.hear("words")
        case 1: try bench.plan("Plan.")
        case 2: try bench.audio([Int16](repeating: 1, count: 5_000), isOdd ? "END_TURN" : nil)
        case 3: try bench.end("a", "AUDIO", isOdd ? "END_TURN" : "INTERRUPTED")
        case 4: try bench.toolUse("t", "use-\(step)", "{}")
        case 5, 6: if bench.prompt(step, isOdd ? "typed" : "") == .ok { asked.append(step) }
        case 7: if let one = asked.randomElement(using: &random) { bench.session.cancel(one) }
        case 8: bench.toolResult(UInt64.random(in: 1...5, using: &random), "r")
        case 9: bench.session.takeAll()
        default: bench.session.advance(milliseconds: 500)
        }
    }
}
