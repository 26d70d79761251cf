// SPDX-License-Identifier: Apache-2.0
import ScriptAgent
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("The scripted agent as a plugin")
struct ScriptAgentPluginTests {
    let host = FakeHost()

    @Test func `streams words that join to the answer, and ends with a hang-up`() throws {
        let provider = try host.open(scriptAgentModule.table, .agent, "script")
        let session = try provider.openSession()
        let answer = session.prompt("what can you do", generation: 1)
        #expect(answer.hasPrefix("I can book a table, tell you the time"))
        #expect(session.events.filter { $0.type == .delta }.count > 3)
        #expect(session.terminals(1).map(\.hangsUp) == [false])
        session.prompt("goodbye", generation: 2)
        #expect(session.terminals(2).map(\.hangsUp) == [true])
        session.close()
        provider.close()
    }

    @Test func `keeps one state a session and forgets it on reset`() throws {
        let provider = try host.open(scriptAgentModule.table, .agent, "script")
        let first = try provider.openSession()
        let second = try provider.openSession()
        first.prompt("book a table", generation: 1)
        #expect(first.prompt("six", generation: 2) == "On which day?")
        #expect(second.prompt("six", generation: 1).hasPrefix("Sorry"))
        #expect(first.reset())
        #expect(first.prompt("friday", generation: 3).hasPrefix("Sorry"))
        for session in [first, second] { session.close() }
        provider.close()
    }

    @Test(arguments: [
        #"{"intents":[{"name":"a","match":[],"say":"b"}]}"#, #"{"intents":[{"name":"a","match":["x"],"say":[]}]}"#,
        #"{"intents":[{"name":"a"}]}"#, #"{"intents":{}}"#,
        #"{"intents":[{"name":"a","match":["x"],"say":"b","slots":[{"name":"s","type":"colour","ask":"?"}]}]}"#,
    ])
    func `refuses a wrong script`(config: String) {
        #expect {
            try host.open(scriptAgentModule.table, .agent, "script", config: config)
        } throws: { ($0 as? PluginError)?.status == .invalid }
    }

    @Test func `survives any text`() throws {
        let provider = try host.open(scriptAgentModule.table, .agent, "script")
        let session = try provider.openSession()
        let texts = [
            String(repeating: "a table for two ", count: 50_000), "\u{0}\u{FFFD}", "999999999999999999999",
            String(repeating: "é", count: 100_000), "{last}", "99:99", "::::", "a hundred hundred hundred",
        ]
        for (index, text) in texts.enumerated() {
            session.prompt(text, generation: UInt64(index + 1))
            #expect(session.terminals(UInt64(index + 1)).count == 1)
        }
        session.close()
        provider.close()
    }
}
