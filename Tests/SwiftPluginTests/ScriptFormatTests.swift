// SPDX-License-Identifier: Apache-2.0
import ScriptAgent
import SyrinxPlugin
import Testing

@Suite("The script format")
struct ScriptFormatTests {
    let noon = WallClock(month: 1, day: 1, weekday: 0, hour: 12, minute: 0)

    private func answer(_ pattern: String, _ said: String, say: String = "yes {x}") throws -> String {
        var dialogue = Dialogue(
            try script(#"{"intents":[{"name":"a","match":["\#(pattern)"],"say":"\#(say)"}],"fallback":"no"}"#)
        )
        return dialogue.reply(to: said, at: noon).text
    }

    @Test(arguments: [
        ("red wine", "Red wine!", "yes "), ("red wine", "red", "no"), ("* wine", "good red wine", "yes "),
        ("red (dry) wine", "red wine", "yes "), ("red (dry) wine", "red dry wine", "yes "),
        ("red|white wine", "white wine", "yes "), ("[red|dry white] wine", "dry white wine", "yes "),
        ("[red|white] wine", "wine", "no"), ("{x:number} bottles *", "twenty five bottles please", "yes twenty five"),
        ("{x:number} bottles", "12 bottles", "yes twelve"),
        ("{x:number}", "one hundred and five", "yes one hundred five"),
        ("i am {x:name}", "I'm not", "no"), ("i am {x:name}", "i am john smith", "yes john smith"),
        ("say {x:text}", "say it all at once", "yes it all at once"),
        ("on {x:day}", "on next tuesday", "yes next Tuesday"),
        ("at {x:time}", "at 19:30", "yes nineteen thirty"),
        ("at {x:time}", "at quarter to one", "yes twelve forty five"),
        ("at {x:time}", "at seven p.m.", "yes seven o'clock pm"), ("at {x:time}", "at ten past five", "yes five ten"),
        ("at {x:clock}", "at seven", "no"), ("{x:word}", "one two", "no"),
    ])
    func `matches patterns`(pattern: String, said: String, expected: String) throws {
        #expect(try answer(pattern, said) == expected)
    }

    @Test(arguments: [
        ("{x|guest|guests}", "three guests"), ("{y}", ""), ("{count.1..x}", "one, two, three"),
        ("{count.x..1}", "three, two, one"), ("{count.a..b}", ""), ("{now.time}", "twelve o'clock in the afternoon"),
        ("{now.day}", "Sunday"), ("{unclosed", "{unclosed"), ("}{x}{", "}three{"), ("{}", ""), ("{|||}", ""),
        ("{count.1..99999999999999999999}", ""), ("{count...}", ""),
    ])
    func `fills answers`(say: String, expected: String) throws {
        #expect(try answer("{x:number}", "three", say: say) == expected)
    }

    @Test func `counts no further than anyone listens`() throws {
        #expect(try answer("{x:number}", "9999", say: "{count.1..x}").hasSuffix("two hundred"))
    }

    @Test(arguments: [
        ("", "it is empty"), ("(a", "')' is missing"), ("[a|b", "']' is missing"), ("a)", "unexpected ')'"),
        ("{x}", "'{x}' is not {name:type}"), ("{x:colour}", "is not {name:type}"), ("{x:number", "'}' is missing"),
        ("a}", "'}' without '{'"), ("a | b", "'|' stands between words"),
        ("((((((((((a))))))))))", "nested too deeply"),
    ])
    func `names what is wrong with a pattern`(pattern: String, reason: String) {
        #expect {
            try answer(pattern, "a")
        } throws: { error in
            let message = (error as? PluginError)?.message ?? ""
            return message.hasPrefix("script: intent 'a': pattern '\(pattern)'") && message.contains(reason)
        }
    }

    @Test func `answers quickly however a pattern backtracks`() throws {
        let pattern = String(repeating: "* a ", count: 20) + "b"
        #expect(try answer(pattern, String(repeating: "a ", count: 80)) == "no")
    }

    @Test func `takes lines in turns, sets values and remembers them`() throws {
        var dialogue = Dialogue(
            try script(
                #"""
                {"intents":[
                  {"name":"set","match":["blue"],"set":{"colour":"blue"},"say":["noted","again"]},
                  {"name":"get","match":["which"],"say":"{colour}"}],
                 "fallback":["what","pardon"]}
                """#
            )
        )
        let answers = ["blue", "blue", "blue", "which", "x", "x", "x"].map { dialogue.reply(to: $0, at: noon).text }
        #expect(answers == ["noted", "again", "noted", "blue", "what", "pardon", "what"])
    }
}

extension ScriptFormatTests {
    @Test func `runs the example of the plugin's manual`() throws {
        var dialogue = Dialogue(
            try script(
                #"""
                {"intents":[
                  {"name":"opening hours","match":["* [when|what time] * open *"],"say":"We are open from noon to ten."},
                  {"name":"order","match":["* order *","* {count:number} pizzas *"],
                   "slots":[
                     {"name":"count","type":"number","ask":["How many pizzas?"],"match":["{count:number} pizzas"]},
                     {"name":"time","type":"time","ask":"At what time?","match":["at {time:time}","{time:clock}"]}],
                   "confirm":"{count|pizza|pizzas} at {time}. Right?","cancelled":"No pizza then.",
                   "say":"{count|pizza|pizzas} at {time} it is."}]}
                """#
            )
        )
        let turns = [
            "i want to order", "when do you open", "one", "seven", "three pizzas at eight", "yes", "order", "forget it",
        ]
        #expect(
            turns.map { dialogue.reply(to: $0, at: noon).text } == [
                "How many pizzas?", "We are open from noon to ten. How many pizzas?", "At what time?",
                "one pizza at seven o'clock. Right?", "three pizzas at eight o'clock. Right?",
                "three pizzas at eight o'clock it is.", "How many pizzas?", "No pizza then.",
            ]
        )
    }
}
