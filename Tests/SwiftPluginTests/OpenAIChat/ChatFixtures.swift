// SPDX-License-Identifier: Apache-2.0
import OpenAIChat
import SyrinxPlugin
import SyrinxPluginTesting

/// A session of `openai_chat` with a server that the test plays.
struct ChatDesk {
    let provider: FakeProvider
    let session: FakeSession

    init(config: String = "{}", options: String = "{}", queueLimit: Int = .max, host: FakeHost = FakeHost()) throws {
        provider = try host.open(openAIChatModule.table, .agent, "openai_chat", config: config)
        session = try provider.openSession(options: options, queueLimit: queueLimit)
    }

    func close() {
        session.close()
        provider.close()
    }

    /// The request that was started last.
    var request: FakeRequest { session.requests[session.requests.count - 1] }

    func body(_ index: Int = 0) throws -> JSONValue { try JSONValue(parsing: session.requests[index].bodyText) }

    /// Answers the request that was started last with chunks and the end.
    func stream(_ chunks: [String], pieceBytes: Int = 1 << 14) {
        let id = request.id
        session.answer(id, status: 200, headers: ["content-type": "text/event-stream"])
        session.deliver(id, chunks.map { "data: \($0)\n\n" }.joined(), pieceBytes: pieceBytes)
        session.finish(id)
    }

    func result(_ text: String, of call: RecordedEvent, failed: Bool = false) {
        var event = OutgoingEvent(.toolResult, generation: call.generation, id: call.id)
        event.text = text
        event.integer = failed ? Int64(Status.internalError.rawValue) : 0
        session.send(event)
    }

    var calls: [RecordedEvent] { session.events.filter { $0.type == .toolCall } }

    static let tools = #"""
        {"tools":[{"name":"time","description":"Tells the time.","parameters":{"type":"object","properties":
        {"city":{"type":"string"}}}},{"name":"weather","description":"Tells the weather."}],"language":"en"}
        """#

    static func text(_ text: String) -> String {
        #"{"choices":[{"index":0,"delta":{"content":\#(JSONValue.string(text).text)},"finish_reason":null}]}"#
    }

    static func finish(_ reason: String = "stop") -> String {
        #"{"choices":[{"index":0,"delta":{},"finish_reason":"\#(reason)"}]}"#
    }

    static func call(_ index: Int, id: String? = nil, name: String? = nil, _ arguments: String = "") -> String {
        var function: [String: JSONValue] = ["arguments": .string(arguments)]
        function["name"] = name.map(JSONValue.string)
        var call: [String: JSONValue] = ["index": .int(Int64(index)), "function": .object(function)]
        call["id"] = id.map(JSONValue.string)
        return #"{"choices":[{"index":0,"delta":{"tool_calls":[\#(JSONValue.object(call).text)]}}]}"#
    }

    static let usage =
        #"{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":3}}}"#
    static let done = "[DONE]"
}
