// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// POST /chat/completions (OpenAI, API reference, "Create chat completion").
enum ChatRequest {
    /// The whole request.
    ///
    /// - Parameters:
    ///   - messages: The conversation.
    ///   - tools: Empty = none.
    ///   - mayCallTools: False makes the model answer: it has called tools often enough.
    static func make(
        _ settings: ChatSettings,
        messages: [JSONValue],
        tools: [JSONValue],
        mayCallTools: Bool,
        generation: UInt64
    ) -> NetworkRequest {
        var request = NetworkRequest(url: settings.url)
        request.method = "POST"
        request.headers = settings.headers
        request.body = Array(
            body(settings, messages: messages, tools: tools, mayCallTools: mayCallTools).text.utf8
        )
        request.generation = generation
        request.silenceMilliseconds = settings.timeoutMilliseconds
        return request
    }

    static func body(
        _ settings: ChatSettings, messages: [JSONValue], tools: [JSONValue], mayCallTools: Bool
    ) -> JSONValue {
        var body: [String: JSONValue] = [
            "model": .string(settings.model), "messages": .array(messages), "stream": true,
            "stream_options": ["include_usage": true],
        ]
        body["temperature"] = settings.temperature.map(JSONValue.double)
        body[settings.tokenLimitKey] = settings.maximumTokens.map { .int(Int64($0)) }
        if !tools.isEmpty {
            body["tools"] = .array(tools)
            if !mayCallTools { body["tool_choice"] = "none" }
        }
        for (key, value) in settings.extra { body[key] = value.isNull ? nil : value }
        return .object(body)
    }
}
