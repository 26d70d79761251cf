// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("openai_chat calls tools")
struct ChatToolTests {
    private func asked(_ chunks: [String], config: String = "{}") throws -> ChatDesk {
        let desk = try ChatDesk(config: config)
        desk.session.prompt("time and weather", generation: 3, json: ChatDesk.tools)
        desk.stream(chunks + [ChatDesk.finish("tool_calls"), ChatDesk.usage, ChatDesk.done])
        return desk
    }

    @Test func `calls two at once and tells the model of both, one of them an error`() throws {
        let desk = try asked([
            ChatDesk.text("One moment."), ChatDesk.call(0, id: "call_a", name: "time", ""),
            ChatDesk.call(1, id: "call_b", name: "weather", #"{"city""#), ChatDesk.call(0, #"{"zone":1}"#),
            ChatDesk.call(1, #":"Bonn"}"#),
        ])
        #expect(desk.calls.map(\.text) == ["time", "weather"])
        #expect(desk.calls.map(\.json) == [#"{"zone":1}"#, #"{"city":"Bonn"}"#])
        #expect(desk.calls.map(\.id) == [1, 2])
        desk.result("no such city", of: desk.calls[1], failed: true)
        #expect(desk.session.requests.count == 1)
        desk.result("12:00", of: desk.calls[0])
        #expect(desk.session.requests.count == 2)
        #expect(desk.request.generation == 3)
        let messages = try #require(desk.body(1)["messages"]?.array)
        #expect(
            messages.suffix(3) == [
                [
                    "role": "assistant", "content": "One moment.",
                    "tool_calls": [
                        [
                            "id": "call_a", "type": "function",
                            "function": ["name": "time", "arguments": #"{"zone":1}"#],
                        ],
                        [
                            "id": "call_b", "type": "function",
                            "function": ["name": "weather", "arguments": #"{"city":"Bonn"}"#],
                        ],
                    ],
                ],
                ["role": "tool", "tool_call_id": "call_a", "content": "12:00"],
                ["role": "tool", "tool_call_id": "call_b", "content": "Error: no such city"],
            ])
        desk.stream([ChatDesk.text("It is noon."), ChatDesk.finish(), ChatDesk.done])
        #expect(desk.session.answer(3) == "One moment. It is noon.")
        #expect(desk.session.terminals(3).map(\.type) == [.done])
        desk.close()
    }

    @Test func `keeps what it looked up for the turns to come`() throws {
        let desk = try asked([ChatDesk.call(0, id: "a", name: "time", "{}")])
        desk.result("12:00", of: desk.calls[0])
        desk.stream([ChatDesk.text("Noon."), ChatDesk.finish(), ChatDesk.done])
        let history = #"{"history":[{"role":"user","text":"time and weather"},{"role":"assistant","text":"Noon."}]}"#
        desk.session.prompt("sure?", generation: 4, json: history)
        let messages = try #require(desk.body(2)["messages"]?.array)
        #expect(messages.map { $0["role"]?.string } == ["user", "assistant", "tool", "assistant", "user"])
        desk.close()
    }

    @Test(arguments: ["not json", "[1]", "{", "7"])
    func `tells the model of arguments that are no object, without bothering the host`(arguments: String) throws {
        let desk = try asked([ChatDesk.call(0, id: "a", name: "time", arguments)])
        #expect(desk.calls.isEmpty)
        let messages = try #require(desk.body(1)["messages"]?.array)
        #expect(messages.last?["content"] == "Error: the arguments are no JSON object")
        desk.close()
    }

    @Test func `takes calls of servers that number or name them otherwise`() throws {
        let chunk =
            #"{"choices":[{"delta":{"tool_calls":[{"id":"x","function":{"name":"time","arguments":{"a":1}}},"#
            + #"{"index":0,"id":"y","function":{"name":"weather"}}]}}]}"#
        let desk = try asked([chunk])
        #expect(desk.calls.map(\.text) == ["time", "weather"])
        #expect(desk.calls.map(\.json) == [#"{"a":1}"#, "{}"])
        desk.close()
    }

    @Test func `makes the model answer after so many steps`() throws {
        let desk = try asked([ChatDesk.call(0, id: "a", name: "time")], config: #"{"max_steps":1}"#)
        #expect(try desk.body(0)["tool_choice"] == nil)
        desk.result("12:00", of: desk.calls[0])
        #expect(try desk.body(1)["tool_choice"] == "none")
        desk.stream([ChatDesk.call(0, id: "b", name: "time"), ChatDesk.finish("tool_calls"), ChatDesk.done])
        #expect(desk.calls.count == 1)
        #expect(desk.session.terminals(3).map(\.type) == [.error])
        desk.close()
    }

    @Test func `knows no result that it did not ask for`() throws {
        let desk = try asked([ChatDesk.call(0, id: "a", name: "time")])
        for (generation, id) in [(UInt64(3), UInt64(9)), (9, 1)] {
            #expect(desk.session.send(OutgoingEvent(.toolResult, generation: generation, id: id)) == .skip)
        }
        desk.result("1", of: desk.calls[0])
        #expect(desk.session.send(OutgoingEvent(.toolResult, generation: 3, id: 1)) == .skip)
        #expect(desk.session.requests.count == 2)
        desk.close()
    }

    @Test func `cuts a result that is too long`() throws {
        let desk = try asked([ChatDesk.call(0, id: "a", name: "time")])
        desk.result(String(repeating: "ä", count: 100_000), of: desk.calls[0])
        let content = try #require(desk.body(1)["messages"]?.array?.last?["content"]?.string)
        #expect(content.utf8.count < 70_000)
        desk.close()
    }

    @Test func `hangs up when the model says so, with its last words`() throws {
        let desk = try ChatDesk(config: #"{"can_hang_up":true}"#)
        desk.session.prompt("bye", generation: 1)
        #expect(try desk.body()["tools"]?[0]?["function"]?["name"] == "end_call")
        desk.stream([
            ChatDesk.call(0, id: "a", name: "end_call", #"{"farewell":"Goodbye!"}"#), ChatDesk.finish("tool_calls"),
            ChatDesk.done,
        ])
        #expect(desk.session.answer(1) == "Goodbye!")
        #expect(desk.session.terminals(1).map(\.hangsUp) == [true])
        #expect(desk.calls.isEmpty)
        desk.close()
    }

    @Test func `says goodbye once, and looks up what else was asked before it hangs up`() throws {
        let desk = try ChatDesk(config: #"{"can_hang_up":true}"#)
        desk.session.prompt("bye, and the time", generation: 1, json: ChatDesk.tools)
        desk.stream([
            ChatDesk.call(0, id: "a", name: "end_call", #"{"farewell":"Goodbye!"}"#),
            ChatDesk.call(1, id: "b", name: "time"), ChatDesk.finish("tool_calls"), ChatDesk.done,
        ])
        #expect(desk.calls.map(\.text) == ["time"])
        desk.result("12:00", of: desk.calls[0])
        desk.stream([ChatDesk.text("Noon. Bye."), ChatDesk.finish(), ChatDesk.done])
        #expect(desk.session.answer(1) == "Noon. Bye.")
        #expect(desk.session.terminals(1).map(\.hangsUp) == [true])
        desk.close()
    }

    @Test func `leaves a tool end_call of the application to it`() throws {
        let desk = try ChatDesk(config: #"{"can_hang_up":true}"#)
        desk.session.prompt("bye", generation: 1, json: #"{"tools":[{"name":"end_call"}]}"#)
        #expect(try desk.body()["tools"]?.array?.count == 1)
        desk.stream([ChatDesk.call(0, id: "a", name: "end_call"), ChatDesk.finish("tool_calls"), ChatDesk.done])
        #expect(desk.calls.map(\.text) == ["end_call"])
        desk.close()
    }
}
