// SPDX-License-Identifier: Apache-2.0
internal import OpenAIHTTP
internal import SyrinxPlugin

/// Reads one HTTP response: a stream of chunks, a whole answer from a server that does not stream, or an error.
struct ChatReply: Sendable {
    /// What a response says, in its order.
    enum Output: Hashable, Sendable {
        /// The next piece of the answer.
        case text(String)
        /// Counters, as the API has them.
        case usage(JSONValue)
        /// Why the model stopped; only counters and the end may follow.
        case finished(String)
        /// `[DONE]`, or the end of a response that is complete.
        case end
    }

    private enum Form {
        case unknown, events, whole, failure
    }

    private static let maximumWhole = 1 << 20

    private var form = Form.unknown
    private var status = 0
    private var headers: [String: String] = [:]
    private var events = ServerSentEvents()
    private var collected: [UInt8] = []
    private var calls = ToolCallAssembler()
    private var hasEnded = false
    /// Why the model stopped; nil while it has not.
    private(set) var finishReason: String?
    /// What the model wants to be called.
    var toolCalls: [ChatToolCall] { calls.calls }

    mutating func head(status: Int, headers: [String: String]) {
        self.status = status
        self.headers = headers
        if !(200...299).contains(status) { form = .failure }
    }

    /// A piece of the body. What it says before it goes wrong is in `outputs`, too.
    ///
    /// - Throws: ``PluginError`` when the server broke off or does not keep to the protocol.
    mutating func data(_ bytes: [UInt8], _ outputs: inout [Output]) throws(PluginError) {
        guard !hasEnded else { return }
        if form == .unknown { recognise(bytes) }
        switch form {
        case .unknown: break
        case .failure: collected += bytes.prefix(OpenAIFailure.maximumBody - collected.count)
        case .whole:
            guard collected.count + bytes.count <= Self.maximumWhole else {
                throw OpenAIFailure.malformed("its length")
            }
            collected += bytes
        case .events: try read(events.feed(bytes), &outputs)
        }
    }

    /// The response is over; `error` when it is not complete.
    mutating func done(_ error: PluginError?, _ outputs: inout [Output]) throws(PluginError) {
        guard !hasEnded else { return }
        if form == .failure { throw OpenAIFailure.http(status: status, headers: headers, body: collected) }
        // A connection that breaks behind the answer has lost nothing.
        if let error, finishReason == nil { throw error }
        if form == .whole {
            try read(chunk: String(decoding: collected, as: UTF8.self), &outputs)
            finishReason = finishReason ?? (outputs.isEmpty && toolCalls.isEmpty ? nil : "stop")
        }
        if form == .events, error == nil { try read(events.end(), &outputs) }
        guard !hasEnded else { return }
        guard finishReason != nil else {
            throw PluginError(.unavailable, "the server's answer ended in the middle", isRetryable: true)
        }
        hasEnded = true
        outputs.append(.end)
    }

    /// By the first character; content types of compatible servers cannot be relied on.
    private mutating func recognise(_ bytes: [UInt8]) {
        guard let first = bytes.first(where: { !($0 == 0x20 || (0x09...0x0D).contains($0)) }) else { return }
        form = first == UInt8(ascii: "{") ? .whole : .events
    }

    private mutating func read(_ events: [ServerSentEvent], _ outputs: inout [Output]) throws(PluginError) {
        for event in events where !hasEnded {
            if event.data == "[DONE]" {
                hasEnded = true
                if finishReason == nil { finishReason = "stop" }
                outputs.append(.end)
            } else if !event.data.allSatisfy(\.isWhitespace) {
                try read(chunk: event.data, &outputs)
            }
        }
    }

    private mutating func read(chunk text: String, _ outputs: inout [Output]) throws(PluginError) {
        guard let chunk = try? JSONValue(parsing: text), chunk.object != nil else {
            throw OpenAIFailure.malformed("a chunk that is no JSON object")
        }
        if let error = chunk["error"], !error.isNull { throw OpenAIFailure.inStream(error) }
        switch chunk["choices"] {
        case .none, .null: break
        case .array(let choices):
            // With `n` = 1 there is one; others, from an `extra` of the operator's, are not spoken.
            let first = choices.first { ($0["index"]?.int ?? 0) == 0 }
            if let first { try read(choice: first, &outputs) }
        default: throw OpenAIFailure.malformed("choices")
        }
        if let usage = chunk["usage"], usage.object != nil { outputs.append(.usage(usage)) }
    }

    private mutating func read(choice: JSONValue, _ outputs: inout [Output]) throws(PluginError) {
        guard choice.object != nil else { throw OpenAIFailure.malformed("a choice") }
        if let delta = choice["delta"] ?? choice["message"], !delta.isNull {
            guard delta.object != nil else { throw OpenAIFailure.malformed("a delta") }
            // A refusal is what the model has to say.
            for key in ["content", "refusal"] {
                let text = try Self.text(delta[key])
                if !text.isEmpty { outputs.append(.text(text)) }
            }
            switch delta["tool_calls"] {
            case .none, .null: break
            case .array(let fragments): for fragment in fragments { try calls.add(fragment) }
            default: throw OpenAIFailure.malformed("tool_calls")
            }
        }
        if let reason = choice["finish_reason"]?.string, !reason.isEmpty, finishReason == nil {
            finishReason = reason
            outputs.append(.finished(reason))
        }
    }

    /// A text, or the texts of several parts.
    private static func text(_ value: JSONValue?) throws(PluginError) -> String {
        switch value {
        case .none, .null: return ""
        case .string(let text): return text
        case .array(let parts): return parts.compactMap { $0["text"]?.string }.joined()
        default: throw OpenAIFailure.malformed("content")
        }
    }
}
