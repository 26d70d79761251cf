// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("openai_chat asks and answers")
struct ChatAnswerTests {
    @Test func `asks OpenAI with the key's place and the conversation`() throws {
        let config = #"""
            {"api_key":"${secret:api_key}","model":"gpt-4o","instructions":"Be brief.","temperature":0.5,"max_tokens":90,
            "organization":"org-1","extra":{"seed":7,"stream_options":null}}
            """#
        let desk = try ChatDesk(config: config)
        let history = #"""
            {"history":[{"role":"user","text":"hello"},{"role":"assistant","text":"Hi, what","interrupted":true},
            {"role":"user","text":"mm-hm","backchannel":true},{"role":"user","text":"wait"}],"tools":[],"language":"en"}
            """#
        desk.session.prompt("what time is it", generation: 4, json: history)
        #expect(desk.request.method == "POST")
        #expect(desk.request.url == "https://api.openai.com/v1/chat/completions")
        #expect(desk.request.header("authorization") == "Bearer ${secret:api_key}")
        #expect(desk.request.header("content-type") == "application/json")
        #expect(desk.request.header("accept") == "text/event-stream")
        #expect(desk.request.header("openai-organization") == "org-1")
        #expect(desk.request.generation == 4)
        #expect(desk.request.silenceMilliseconds == 8_000)
        let expected: JSONValue = [
            "model": "gpt-4o", "stream": true, "temperature": 0.5, "max_completion_tokens": 90, "seed": 7,
            "messages": [
                ["role": "system", "content": "Be brief."], ["role": "user", "content": "hello"],
                ["role": "assistant", "content": "Hi, what"],
                ["role": "user", "content": "wait\nwhat time is it"],
            ],
        ]
        let body = try desk.body().text
        #expect(body == expected.text)
        desk.close()
    }

    @Test func `the caller's side may give other instructions, and tell the model something in between`() throws {
        let desk = try ChatDesk(config: #"{"instructions":"Be brief."}"#)
        desk.session.prompt(
            "hi", generation: 1,
            json: #"{"instructions":"Be kind.","history":[{"role":"system","text":"It is late."}]}"#)
        #expect(
            try desk.body()["messages"] == [
                ["role": "system", "content": "Be kind."], ["role": "system", "content": "It is late."],
                ["role": "user", "content": "hi"],
            ])
        desk.close()
    }

    @Test func `asks a server of one's own without a key, with its older name for the limit`() throws {
        let host = FakeHost()
        let desk = try ChatDesk(
            config: #"{"url":"http://127.0.0.1:8000","model":"a","max_tokens":10,"instructions":"x"}"#,
            options: #"{"model":"llama","instructions":"","max_tokens":20}"#, host: host)
        #expect(host.prewarmed == ["http://127.0.0.1:8000/v1/chat/completions"])
        desk.session.prompt("hi", generation: 1)
        #expect(desk.request.header("authorization") == nil)
        #expect(
            try desk.body() == [
                "model": "llama", "stream": true, "stream_options": ["include_usage": true], "max_tokens": 20,
                "messages": [["role": "user", "content": "hi"]],
            ])
        desk.close()
    }

    @Test func `offers the application's tools, unless told not to`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1, json: ChatDesk.tools)
        let tools = try #require(desk.body()["tools"]?.array)
        #expect(tools.map { $0["function"]?["name"]?.string } == ["time", "weather"])
        #expect(tools[0]["type"] == "function")
        #expect(tools[0]["function"]?["parameters"]?["properties"]?["city"]?["type"] == "string")
        #expect(tools[1]["function"]?["parameters"] == ["type": "object", "properties": [:]])
        desk.close()
        let quiet = try ChatDesk(config: #"{"tools":false}"#)
        quiet.session.prompt("hi", generation: 1, json: ChatDesk.tools)
        #expect(try quiet.body()["tools"] == nil)
        quiet.close()
    }

    @Test func `sends each piece as it comes, then the counters and the end`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.answer(id, status: 200)
        desk.session.deliver(id, ": hello\n\ndata: \(ChatDesk.text("It is"))\n\n")
        #expect(desk.session.answer(1) == "It is")
        desk.session.deliver(id, "data: \(ChatDesk.text(" five."))\n\ndata: \(ChatDesk.finish())\n\n")
        #expect(desk.session.terminals(1).isEmpty)
        desk.session.deliver(id, "data: \(ChatDesk.usage)\n\ndata: [DONE]\n\n")
        desk.session.finish(id)
        #expect(desk.session.events.map(\.type) == [.delta, .delta, .usage, .done])
        let usage = try #require(desk.session.events.first { $0.type == .usage })
        #expect(usage.json == #"{"cached_tokens":3,"input_tokens":12,"output_tokens":5}"#)
        #expect(desk.session.events.allSatisfy { $0.generation == 1 && !$0.hangsUp })
        desk.close()
    }

    @Test(arguments: [1, 2, 3, 7, 64]) func `reads a stream however it is cut`(pieceBytes: Int) throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1, json: ChatDesk.tools)
        desk.stream(
            [
                ChatDesk.text("Größe "), ChatDesk.text("🌍."), ChatDesk.call(0, id: "a", name: "time", #"{"ci"#),
                ChatDesk.call(0, #"ty":"Köln"}"#), ChatDesk.finish("tool_calls"), ChatDesk.usage, ChatDesk.done,
            ],
            pieceBytes: pieceBytes)
        #expect(desk.session.answer(1) == "Größe 🌍.")
        #expect(desk.calls.map(\.json) == [#"{"city":"Köln"}"#])
        desk.close()
    }

    @Test func `reads a stream cut in two at any byte`() throws {
        let text = [ChatDesk.text("héllo"), ChatDesk.finish(), ChatDesk.usage, ChatDesk.done]
            .map { "data: \($0)\r\n\r\n" }.joined()
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            let desk = try ChatDesk()
            desk.session.prompt("hi", generation: 1)
            let id = desk.request.id
            desk.session.answer(id, status: 200)
            desk.session.deliver(id, Array(bytes[..<cut]))
            desk.session.deliver(id, Array(bytes[cut...]))
            desk.session.finish(id)
            #expect(desk.session.answer(1) == "héllo")
            #expect(desk.session.terminals(1).map(\.type) == [.done])
            desk.close()
        }
    }

    @Test func `takes a whole answer from a server that does not stream`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        let body = #"{"choices":[{"message":{"role":"assistant","content":"Hello."}}],"usage":{"prompt_tokens":1}}"#
        desk.session.respond(desk.request.id, body: body)
        #expect(desk.session.answer(1) == "Hello.")
        #expect(desk.session.terminals(1).map(\.type) == [.done])
        desk.close()
    }

    @Test func `says a refusal, and a text in parts`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        desk.stream([
            #"{"choices":[{"delta":{"role":"assistant","content":null,"refusal":"I cannot "}}]}"#,
            #"{"choices":[{"delta":{"content":[{"type":"text","text":"help."}]}}]}"#, ChatDesk.finish(), ChatDesk.done,
        ])
        #expect(desk.session.answer(1) == "I cannot help.")
        desk.close()
    }

    @Test(arguments: [
        ("<think>Hm, <b> is</ it?</think>\n\nIt is five.", "It is five."), ("\n<think></think>So.", "So."),
        ("<thin ice", "<thin ice"), (" <", " <"), ("a <think>b</think>", "a <think>b</think>"), ("<think>for ever", ""),
    ])
    func `keeps a model's thoughts to itself`(text: String, answer: String) throws {
        for size in [1, 3, 100] {
            let desk = try ChatDesk()
            desk.session.prompt("hi", generation: 1)
            let characters = Array(text)
            let pieces = stride(from: 0, to: characters.count, by: size).map { start in
                ChatDesk.text(String(characters[start..<min(start + size, characters.count)]))
            }
            desk.stream(pieces + [ChatDesk.finish(), ChatDesk.done])
            #expect(desk.session.answer(1) == answer)
            #expect(desk.session.terminals(1).map(\.type) == [.done])
            desk.close()
        }
    }

    @Test func `does not wait through white space without end`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        let spaces = String(repeating: " ", count: 1_000)
        desk.session.answer(desk.request.id, status: 200)
        desk.session.deliver(desk.request.id, "data: \(ChatDesk.text(spaces))\n\n")
        #expect(desk.session.answer(1) == spaces)
        desk.session.prompt("hi", generation: 2)
        let thought = [ChatDesk.text("<think>Hm</think>")] + [String](repeating: ChatDesk.text(" "), count: 10_000)
        desk.stream(thought + [ChatDesk.text("\n So."), ChatDesk.finish(), ChatDesk.done])
        #expect(desk.session.answer(2) == "So.")
        desk.close()
    }

    @Test(arguments: ["stop", "length", "content_filter"])
    func `ends what was said however the model stopped`(reason: String) throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        desk.stream([ChatDesk.text("So"), ChatDesk.finish(reason), ChatDesk.done])
        #expect(desk.session.terminals(1).map(\.type) == [.done])
        desk.close()
    }

    @Test func `waits for counters only for a moment`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        let id = desk.request.id
        desk.session.answer(id, status: 200)
        desk.session.deliver(id, "data: \(ChatDesk.text("So."))\n\ndata: \(ChatDesk.finish())\n\n")
        desk.session.advance(milliseconds: 249)
        #expect(desk.session.terminals(1).isEmpty)
        desk.session.advance(milliseconds: 1)
        #expect(desk.session.terminals(1).map(\.type) == [.done])
        desk.close()
    }

    @Test func `answers several prompts at a time, each for itself`() throws {
        let desk = try ChatDesk()
        for generation in UInt64(1)...8 { desk.session.prompt("\(generation)", generation: generation) }
        var ninth = OutgoingEvent(.prompt, generation: 9)
        ninth.text = "x"
        #expect(desk.session.send(ninth) == .unavailable)
        for request in desk.session.requests.reversed() {
            desk.session.respond(
                request.id, body: "data: \(ChatDesk.text("to \(request.generation)"))\n\ndata: [DONE]\n\n")
        }
        for generation in UInt64(1)...8 {
            #expect(desk.session.answer(generation) == "to \(generation)")
            #expect(desk.session.terminals(generation).map(\.type) == [.done])
        }
        desk.close()
    }

    @Test func `loses no word to a host that takes one event at a time`() throws {
        let desk = try ChatDesk(queueLimit: 1)
        desk.session.prompt("hi", generation: 1)
        let words = (0..<3_000).map { "w\($0) " }
        desk.stream(words.map(ChatDesk.text) + [ChatDesk.finish(), ChatDesk.done])
        for _ in 0..<1_000 { desk.session.takeAll() }
        #expect(desk.session.answer(1) == words.joined())
        #expect(desk.session.events.last?.type == .done)
        desk.close()
    }

    @Test func `is drained after the last answer`() throws {
        let desk = try ChatDesk()
        desk.session.prompt("hi", generation: 1)
        desk.session.send(OutgoingEvent(.drain))
        #expect(desk.session.events.isEmpty)
        desk.stream([ChatDesk.text("So."), ChatDesk.finish(), ChatDesk.done])
        #expect(desk.session.events.map(\.type) == [.delta, .done, .drained])
        desk.close()
    }
}
