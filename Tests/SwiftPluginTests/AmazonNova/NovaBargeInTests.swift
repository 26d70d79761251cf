// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import AmazonNova

@Suite("Amazon Nova: interruptions and tools")
struct NovaBargeInTests {
    /// An answer is being spoken, and the host has room for little of it.
    private func speaking(queueLimit: Int = 8) throws -> NovaBench {
        let bench = try NovaBench.opened(queueLimit: queueLimit)
        try bench.hear("hello")
        try bench.plan("A long answer.")
        bench.prompt(1)
        try bench.audio([Int16](repeating: 5, count: 24_000), nil)
        return bench
    }

    @Test func `the caller interrupts: the rest is dropped, the host hears of speech at once`() throws {
        let bench = try speaking()
        let before = bench.told
        #expect(before.filter { $0.hasPrefix("1: audio") }.count < 10)
        try bench.say("textOutput", ["contentId": "x", "content": #"{ "interrupted" : true }"#])
        #expect(bench.told == before, "of no block that is known")
        try bench.text("i", "ASSISTANT", "FINAL", #"{ "interrupted" : true }"#, "INTERRUPTED")
        bench.session.takeAll()
        #expect(bench.told.suffix(2) == ["speech", "1: done"])
        bench.session.cancel(1)
        bench.session.send(OutgoingEvent(.heard, generation: 1))
        try bench.hear("stop")
        bench.session.takeAll()
        #expect(bench.told.suffix(2) == ["final stop", "silence"])
        bench.expectOneTerminal(1)
        try bench.answer("Yes?")
        bench.prompt(2)
        bench.session.takeAll()
        #expect(bench.session.answer(2) == "Yes?")
        bench.expectOneTerminal(2)
        bench.end()
    }

    @Test func `the audio's own end may say that it was interrupted`() throws {
        let bench = try speaking(queueLimit: .max)
        try bench.end("a", "AUDIO", "INTERRUPTED")
        #expect(bench.told.suffix(2) == ["speech", "1: done"])
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test func `the interruption comes after the model has sent all, while the host still plays`() throws {
        let bench = try speaking()
        try bench.end("a", "AUDIO", "END_TURN")
        #expect(!bench.told.contains("1: done"))
        try bench.text("i", "ASSISTANT", "FINAL", #"{"interrupted":true}"#, "INTERRUPTED")
        bench.session.takeAll()
        #expect(bench.told.suffix(2) == ["speech", "1: done"])
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test func `the host cancels: nothing more of the answer, and one CANCELLED`() throws {
        let bench = try speaking()
        bench.session.cancel(1)
        bench.session.takeAll()
        #expect(bench.told.last == "1: cancelled")
        let count = bench.told.count
        try bench.chunk([1, 2, 3])
        try bench.end("a", "AUDIO", "END_TURN")
        try bench.spoken("A long answer.")
        #expect(bench.told.count == count)
        bench.expectOneTerminal(1)
        // The next turn is answered as ever.
        try bench.hear("next")
        try bench.plan("Here.")
        bench.prompt(2)
        try bench.audio([1])
        bench.session.takeAll()
        #expect(bench.session.answer(2) == "Here.")
        bench.expectOneTerminal(2)
        bench.end()
    }

    @Test func `an answer that goes on for itself after its cancel ends with the caller's next words`() throws {
        let bench = try speaking(queueLimit: .max)
        bench.session.cancel(1)
        try bench.chunk([9])
        try bench.hear("next")
        try bench.plan("Here.")
        #expect(bench.told.last == "turn end")
        bench.prompt(2)
        #expect(bench.session.answer(2) == "Here.")
        bench.end()
    }

    @Test func `an end that waits for credit is cancelled, too`() throws {
        let bench = try speaking()
        try bench.end("a", "AUDIO", "END_TURN")
        bench.session.cancel(1)
        bench.session.takeAll()
        #expect(bench.told.last == "1: cancelled")
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test func `a typed turn that was cancelled is not answered aloud`() throws {
        let bench = try NovaBench.opened()
        bench.prompt(1, "say something")
        bench.session.cancel(1)
        try bench.answer("Something.")
        #expect(bench.told == ["ready", "1: cancelled"])
        bench.expectOneTerminal(1)
        bench.end()
    }

    @Test func `the answer is kept until its name comes, also when it is over by then`() throws {
        let bench = try NovaBench.opened()
        try bench.hear("one")
        try bench.answer("First.")
        #expect(bench.told.last == "turn end")
        bench.prompt(1)
        #expect(bench.told.suffix(3) == ["1: First.", "1: audio 4", "1: done"])
        bench.prompt(2)
        try bench.hear("two")
        try bench.answer("Second.")
        #expect(bench.told.suffix(4) == ["silence", "2: Second.", "2: audio 4", "2: done"])
        bench.expectOneTerminal(1, 2)
        bench.end()
    }

    @Test func `an answer that nobody named in time is not taken for the next one`() throws {
        let bench = try NovaBench.opened()
        try bench.hear("one")
        try bench.answer("First.")
        bench.session.advance(milliseconds: 20_000)
        try bench.hear("two")
        try bench.answer("Second.")
        bench.prompt(2)
        #expect(bench.session.answer(2) == "Second.")
        bench.end()
    }

    @Test func `two tools are called, answered, and the answer goes on`() throws {
        let bench = try NovaBench.opened()
        try bench.hear("weather and time")
        try bench.toolUse("weather", "use-1", #"{"city":"Bonn"}"#)
        bench.prompt(4)
        try bench.toolUse("time", "use-2", "")
        #expect(bench.told.suffix(2) == [#"4: call 1 weather {"city":"Bonn"}"#, "4: call 2 time {}"])
        #expect(bench.toolResult(2, "nine", status: .ok) == .ok)
        #expect(bench.toolResult(1, "no such city", status: .notFound) == .ok)
        #expect(bench.toolResult(1, "again") == .skip)
        let sent = try bench.sent().suffix(6)
        #expect(sent.contains { $0.contains(#""toolUseId":"use-2","type":"TEXT""#) })
        #expect(sent.contains { $0.contains(#""content":"{\"result\":\"nine\"}""#) })
        #expect(sent.contains { $0.contains(#""content":"{\"error\":\"no such city\"}""#) })
        try bench.answer("It is nine.")
        #expect(bench.told.suffix(3) == ["4: It is nine.", "4: audio 4", "4: done"])
        bench.expectOneTerminal(4)
        bench.end()
    }

    @Test func `a result that is an object goes as it is; arguments that are none go back to the model`() throws {
        let bench = try NovaBench.opened()
        bench.prompt(1, "x")
        try bench.toolUse("t", "use-1", "{")
        try #expect(bench.sent().contains { $0.contains("the arguments are no JSON object") })
        #expect(!bench.told.contains { $0.contains("call") })
        try bench.toolUse("t", "use-2", "{}")
        bench.toolResult(1, #"{"a":[1]}"#)
        try #expect(bench.sent().contains { $0.contains(#""content":"{\"a\":[1]}""#) })
        bench.end()
    }

    @Test func `a cancelled answer's tools are answered for it, so that the model goes on`() throws {
        let bench = try NovaBench.opened()
        bench.prompt(1, "x")
        try bench.toolUse("t", "use-1", "{}")
        bench.session.cancel(1)
        try #expect(bench.sent().contains { $0.contains("the caller interrupted") })
        #expect(bench.toolResult(1, "late") == .skip)
        try bench.toolUse("t", "use-2", "{}")
        try #expect(bench.sent().filter { $0.contains("the caller interrupted") }.count == 2)
        bench.expectOneTerminal(1)
        bench.end()
    }
}
