// SPDX-License-Identifier: Apache-2.0
import ScriptAgent
import Testing

/// One exchange: what the caller says and what has to be in the answer.
struct Exchange: CustomTestStringConvertible, Sendable {
    let said: String
    let answer: String
    var testDescription: String { said }

    init(_ said: String, _ answer: String) {
        self.said = said
        self.answer = answer
    }
}

@Suite("The demo of the scripted agent")
struct ScriptDemoTests {
    private let afternoon = WallClock(month: 5, day: 2, weekday: 5, hour: 15, minute: 42)

    private func play(_ exchanges: [Exchange]) throws {
        var dialogue = Dialogue(try demoScript())
        for exchange in exchanges {
            let reply = dialogue.reply(to: exchange.said, at: afternoon)
            #expect(reply.text.contains(exchange.answer), "'\(exchange.said)' got '\(reply.text)'")
        }
    }

    @Test func `books a table step by step`() throws {
        try play([
            Exchange("hello", "Hello! What can I do for you?"),
            Exchange("i would like to book a table please", "For how many people?"),
            Exchange("four", "On which day?"),
            Exchange("on friday", "At what time?"),
            Exchange("at half past seven", "A table for four people on Friday at seven thirty. Is that right?"),
            Exchange("yes that is right", "Your table for four people on Friday at seven thirty is booked."),
            Exchange("thank you", "You are welcome."),
            Exchange("goodbye", "Goodbye!"),
        ])
    }

    @Test func `takes everything at once`() throws {
        try play([
            Exchange(
                "i'd like a table for two people on friday at seven",
                "A table for two people on Friday at seven o'clock. Is that right?"
            ),
            Exchange("Yes, please.", "is booked"),
        ])
    }

    @Test func `takes the rest in one breath`() throws {
        try play([
            Exchange("book a table", "For how many people?"),
            Exchange("for two people on friday at seven", "two people on Friday at seven o'clock"),
        ])
    }

    @Test func `corrects before and after the confirmation`() throws {
        try play([
            Exchange("a table for two tomorrow at eight", "two people tomorrow at eight o'clock"),
            Exchange("no for four people", "four people tomorrow at eight o'clock"),
            Exchange("no", "What should I change"),
            Exchange("the day is wrong i meant saturday", "four people on Saturday"),
            Exchange("yes", "is booked"),
            Exchange("actually at half past eight", "on Saturday at eight thirty. Is that right?"),
            Exchange("correct", "is booked"),
        ])
    }

    @Test func `keeps its question while it answers another`() throws {
        try play([
            Exchange("book a table", "For how many people?"),
            Exchange("what time is it", "It is three forty two in the afternoon. For how many people?"),
            Exchange("count to three", "one, two, three. I am done counting."),
            Exchange("the weather is nice", "For how many people?"),
            Exchange("just me", "On which day?"),
            Exchange("the day after tomorrow", "At what time?"),
            Exchange("noon", "A table for one person the day after tomorrow at noon."),
            Exchange("never mind", "I will not book anything"),
        ])
    }

    @Test func `hears numbers that a small recogniser spells as words`() throws {
        try play([
            Exchange("book a table", "For how many people?"),
            Exchange("too", "On which day?"),
            Exchange("tonight", "At what time?"),
            Exchange("seven", "two people tonight at seven o'clock"),
        ])
    }

    @Test func `does not take a time for a number of guests`() throws {
        try play([
            Exchange("book a table for seven thirty", "For how many people?"),
            Exchange("for six", "On which day?"),
            Exchange("sunday", "six people on Sunday at seven thirty"),
        ])
    }

    @Test(arguments: [
        Exchange("what is the time", "three forty two in the afternoon"),
        Exchange("what day is it", "Today is Friday, May 2"),
        Exchange("count to ten", "one, two, three, four, five, six, seven, eight, nine, ten"),
        Exchange("can you count to twenty please", "nineteen, twenty"),
        Exchange("count down from three", "three, two, one, zero"),
        Exchange("count", "nine, ten"),
        Exchange("what can you do", "I can book a table"),
        Exchange("who are you", "Syrinx demo"),
        Exchange("how are you", "very well"),
        Exchange("HELLO!!!", "Hello"),
        Exchange("no thank you", "Say goodbye"),
        Exchange("blah blah", "Sorry, I did not get that."),
        Exchange("", "Sorry, I did not get that."),
    ])
    func `answers a single question`(exchange: Exchange) throws {
        try play([exchange])
    }

    @Test func `repeats what it said, and a question only once`() throws {
        try play([
            Exchange("what is the date", "Today is Friday, May 2."),
            Exchange("can you repeat that", "Today is Friday, May 2."),
        ])
        var dialogue = Dialogue(try demoScript())
        _ = dialogue.reply(to: "book a table", at: afternoon)
        #expect(dialogue.reply(to: "repeat that please", at: afternoon).text == "For how many people?")
    }

    @Test func `hangs up only after goodbye`() throws {
        var dialogue = Dialogue(try demoScript())
        #expect(!dialogue.reply(to: "hello", at: afternoon).hangsUp)
        #expect(dialogue.reply(to: "that is all thank you", at: afternoon).hangsUp)
        #expect(dialogue.reply(to: "okay bye bye", at: afternoon).hangsUp)
    }

    @Test func `understands every hint in some state`() throws {
        let hints = try readHints()
        #expect(hints.count >= 80)
        for hint in hints {
            let isUnderstood = try ["", "book a table", "book a table for two on monday at five"].contains { opening in
                var dialogue = Dialogue(try demoScript())
                if !opening.isEmpty { _ = dialogue.reply(to: opening, at: afternoon) }
                return !dialogue.reply(to: hint, at: afternoon).text.hasPrefix("Sorry, I did not get that.")
            }
            #expect(isUnderstood, "'\(hint)' is not understood")
        }
    }
}
