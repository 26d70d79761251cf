// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// `POST /v1/chat/completions`, whole and streamed (openai-http, chat completions).
enum OpenAIChat {
    static func answer(_ request: SimulatedRequest, _ simulator: OpenAISimulator) -> SimulatedResponse {
        guard let body = request.json, case .object = body else {
            return simulator.refuse(
                SimulatedFailure(status: 400, message: "We could not parse the JSON body of your request."), request)
        }
        if let refusal = OpenAIModels.refusal(of: body["model"]?.string, simulator, request) { return refusal }
        guard let messages = body["messages"]?.array, !messages.isEmpty else {
            return simulator.refuse(
                SimulatedFailure(status: 400, code: "empty_array", message: "Invalid 'messages': empty array."), request
            )
        }
        let completion = ChatCompletion(body, messages, simulator.settings.mind, number: request.connection)
        guard body["stream"]?.bool ?? false else { return .json(completion.whole) }
        return .stream(status: 200, headers: [("content-type", "text/event-stream; charset=utf-8")]) { stream in
            let chunks = completion.chunks
            stream.play(chunks.count, every: 0) {
                stream.event(chunks[$0].json, at: chunks[$0].point)
            } end: {
                stream.event(data: "[DONE]", at: "done")
                stream.finish()
            }
        }
    }
}

/// One answer of the model, in both forms.
private struct ChatCompletion {
    private let id: String
    private let model: JSONValue
    private let answer: SimulatedMind.Answer
    private let limit: Int?
    private let wantsUsage: Bool
    private let promptTokens: Int

    init(_ body: JSONValue, _ messages: [JSONValue], _ mind: SimulatedMind, number: Int) {
        id = "chatcmpl-\(number)"
        model = body["model"] ?? nil
        limit = (body["max_completion_tokens"] ?? body["max_tokens"])?.int.map { max(0, Int(clamping: $0)) }
        wantsUsage = body["stream_options"]?["include_usage"]?.bool ?? false
        promptTokens = messages.reduce(0) { $0 + SimulatedText.words(OpenAIPrompt.text(of: $1)).count + 4 }
        answer = OpenAIPrompt.answer(body, messages, mind)
    }

    struct Chunk {
        var json: JSONValue
        var point: String
    }

    var chunks: [Chunk] {
        var chunks = [chunk(["role": "assistant", "content": ""], at: "created")]
        switch answer {
        case .text(let text):
            let words = SimulatedText.words(text)
            let shown = words.prefix(limit ?? words.count)
            chunks += shown.map { chunk(["content": .string($0)], at: "delta") }
            chunks.append(chunk([:], finish: shown.count < words.count ? "length" : "stop", at: "final"))
        case .calls(let calls):
            for (index, call) in calls.enumerated() { chunks += fragments(index, call) }
            chunks.append(chunk([:], finish: "tool_calls", at: "final"))
        }
        guard wantsUsage else { return chunks }
        return chunks + [Chunk(json: head("chat.completion.chunk", ["choices": [], "usage": usage]), point: "usage")]
    }

    /// Arguments come in pieces; id and name only with the first.
    private func fragments(_ index: Int, _ call: (name: String, arguments: JSONValue)) -> [Chunk] {
        let first: JSONValue = [
            "index": .int(Int64(index)), "id": .string(callID(index)), "type": "function",
            "function": ["name": .string(call.name), "arguments": ""],
        ]
        let pieces = call.arguments.text.pieces(of: 8).map { piece -> JSONValue in
            ["index": .int(Int64(index)), "function": ["arguments": .string(piece)]]
        }
        return ([first] + pieces).map { chunk(["tool_calls": [$0]], at: "tool_call") }
    }

    private func callID(_ index: Int) -> String { "call_\(id.dropFirst(9))_\(index)" }

    private func chunk(_ delta: JSONValue, finish: String? = nil, at point: String) -> Chunk {
        let choice: JSONValue = [
            "index": 0, "delta": delta, "finish_reason": finish.map { .string($0) } ?? nil, "logprobs": nil,
        ]
        var members: [String: JSONValue] = ["choices": [choice]]
        if wantsUsage { members["usage"] = .null }
        return Chunk(json: head("chat.completion.chunk", members), point: point)
    }

    private func head(_ object: String, _ members: [String: JSONValue]) -> JSONValue {
        let head: [String: JSONValue] = [
            "id": .string(id), "object": .string(object), "created": .int(OpenAIClock.seconds), "model": model,
            "system_fingerprint": "fp_simulated",
        ]
        return .object(head.merging(members) { $1 })
    }

    var whole: JSONValue {
        var message: [String: JSONValue] = ["role": "assistant", "content": nil, "refusal": nil]
        var finish = "stop"
        switch answer {
        case .text(let text):
            let words = SimulatedText.words(text)
            let shown = words.prefix(limit ?? words.count)
            message["content"] = .string(shown.joined())
            if shown.count < words.count { finish = "length" }
        case .calls(let calls):
            finish = "tool_calls"
            message["tool_calls"] = .array(
                calls.enumerated().map { index, call in
                    [
                        "id": .string(callID(index)), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments.text)],
                    ]
                })
        }
        let choice: JSONValue = [
            "index": 0, "message": .object(message), "finish_reason": .string(finish), "logprobs": nil,
        ]
        return head("chat.completion", ["choices": [choice], "usage": usage])
    }

    private var usage: JSONValue {
        let completion: Int =
            switch answer {
            case .text(let text): SimulatedText.words(text).count
            case .calls(let calls): calls.count * 8
            }
        return [
            "prompt_tokens": .int(Int64(promptTokens)), "completion_tokens": .int(Int64(completion)),
            "total_tokens": .int(Int64(promptTokens + completion)),
        ]
    }
}

/// What there is to answer.
enum OpenAIPrompt {
    static func answer(_ body: JSONValue, _ messages: [JSONValue], _ mind: SimulatedMind) -> SimulatedMind.Answer {
        let results = messages.reversed().prefix { $0["role"]?.string == "tool" }.reversed()
        if !results.isEmpty { return mind.answer(toolResults: results.map(text)) }
        let prompt = messages.last { $0["role"]?.string == "user" }.map(text) ?? ""
        let tools = (body["tools"]?.array ?? []).compactMap { tool($0["function"]) }
        let choice = body["tool_choice"]
        let answer = self.answer(
            prompt, tools, choice: choice?.string, named: choice?["function"]?["name"]?.string, mind)
        if case .calls(let calls) = answer, body["parallel_tool_calls"]?.bool == false {
            return .calls(Array(calls.prefix(1)))
        }
        return answer
    }

    /// `choice` is none, auto or required; `named` the one tool that has to be called.
    static func answer(
        _ prompt: String, _ tools: [SimulatedTool], choice: String?, named: String?, _ mind: SimulatedMind
    ) -> SimulatedMind.Answer {
        if choice == "none" { return mind.answer(prompt) }
        let answer = mind.answer(prompt, tools: tools)
        guard case .text = answer, choice == "required" || named != nil else { return answer }
        guard let tool = tools.first(where: { named == nil || $0.name == named }) else { return answer }
        return mind.answer("\(tool.name) \(prompt)", tools: [tool])
    }

    static func tool(_ function: JSONValue?) -> SimulatedTool? {
        guard let name = function?["name"]?.string else { return nil }
        return SimulatedTool(name: name, parameters: function?["parameters"] ?? [:])
    }

    /// A text, or parts of which some are text.
    static func text(of message: JSONValue) -> String {
        if let text = message["content"]?.string { return text }
        return (message["content"]?.array ?? [])
            .compactMap { $0["text"]?.string ?? $0["transcript"]?.string }.joined(separator: " ")
    }
}

extension String {
    /// Pieces of so many characters.
    func pieces(of size: Int) -> [String] {
        var pieces: [String] = []
        var rest = self[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}
