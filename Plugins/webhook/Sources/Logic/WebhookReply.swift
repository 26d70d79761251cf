// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// A tool call in a reply.
struct WebhookToolCall: Hashable, Sendable {
    /// The endpoint's own name for it; may be empty.
    var id: String
    var name: String
    /// A JSON object.
    var arguments: JSONValue
}

/// Reads one reply: JSON, text as it comes, server-sent events, or a JSON object a line.
struct WebhookReply: Sendable {
    enum Output: Hashable, Sendable {
        /// The next piece of the answer.
        case text(String)
        case calls([WebhookToolCall])
        /// The call is to end after the answer.
        case hangUp
        /// The reply is complete.
        case end
    }

    private enum Form {
        case unknown, json, text, events, lines, failure
    }

    private static let maximumBody = 1 << 20

    private var form = Form.unknown
    private var status = 0
    private var headers: [String: String] = [:]
    private var events = ServerSentEvents()
    private var collected: [UInt8] = []
    private var hasEnded = false

    mutating func head(status: Int, headers: [String: String]) throws(PluginError) {
        self.status = status
        self.headers = headers
        guard (200...299).contains(status) else { return form = .failure }
        let type = (headers["content-type"] ?? "").prefix { $0 != ";" && $0 != " " }.lowercased()
        switch type {
        case "text/event-stream": form = .events
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
            form = .lines
        case "application/json", "text/json": form = .json
        case "text/plain": form = .text
        case "": form = .unknown
        case _ where type.hasSuffix("+json"): form = .json
        // A page meant for people is not to be read out.
        default: throw Self.malformed("its type is \(type.prefix(60))")
        }
    }

    /// A piece of the body. What it says before it goes wrong is in `outputs`, too.
    mutating func data(_ bytes: [UInt8], _ outputs: inout [Output]) throws(PluginError) {
        guard !hasEnded else { return }
        if form == .unknown, let first = bytes.first(where: { !($0 == 0x20 || (0x09...0x0D).contains($0)) }) {
            form = first == UInt8(ascii: "{") ? .json : .text
        }
        switch form {
        case .unknown, .failure: break
        case .json: try collect(bytes)
        case .text: try takeText(bytes, &outputs)
        case .events: try take(events.feed(bytes), &outputs)
        case .lines:
            for byte in bytes where !hasEnded {
                guard byte == UInt8(ascii: "\n") else {
                    try collect([byte])
                    continue
                }
                try takeLine(&outputs)
            }
        }
    }

    /// The reply is over; `error` when it is not complete.
    mutating func done(_ error: PluginError?, _ outputs: inout [Output]) throws(PluginError) {
        guard !hasEnded else { return }
        if form == .failure {
            throw VendorError.http(
                status: status,
                message: "the webhook answered \(status)",
                retryAfterMilliseconds: VendorError.retryAfterMilliseconds(headers)
            )
        }
        if let error { throw error }
        switch form {
        case .json, .lines: try takeLine(&outputs)
        case .text where !collected.isEmpty: outputs.append(.text(String(decoding: collected, as: UTF8.self)))
        case .events: try take(events.end(), &outputs)
        default: break
        }
        guard !hasEnded else { return }
        hasEnded = true
        outputs.append(.end)
    }

    static func malformed(_ what: String) -> PluginError {
        PluginError(.internalError, "the webhook's answer is malformed: \(what)")
    }

    private mutating func collect(_ bytes: [UInt8]) throws(PluginError) {
        guard collected.count + bytes.count <= Self.maximumBody else { throw Self.malformed("its length") }
        collected += bytes
    }

    /// Whole characters only: a piece may end within one.
    private mutating func takeText(_ bytes: [UInt8], _ outputs: inout [Output]) throws(PluginError) {
        collected += bytes
        let tail = collected.reversed().prefix(4).enumerated().first { $0.element & 0xC0 != 0x80 }
        var whole = collected.count
        if let (place, lead) = tail.map({ ($0.offset, $0.element) }) {
            let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
            if length > place + 1 { whole -= place + 1 }
        }
        guard whole > 0 else { return }
        outputs.append(.text(String(decoding: collected[..<whole], as: UTF8.self)))
        collected.removeFirst(whole)
    }

    private mutating func takeLine(_ outputs: inout [Output]) throws(PluginError) {
        defer { collected = [] }
        let isBlank = collected.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
        if !isBlank { try take(json: String(decoding: collected, as: UTF8.self), &outputs) }
    }

    private mutating func take(_ events: [ServerSentEvent], _ outputs: inout [Output]) throws(PluginError) {
        for event in events where !hasEnded {
            if event.data == "[DONE]" {
                hasEnded = true
                outputs.append(.end)
            } else if !event.data.allSatisfy(\.isWhitespace) {
                try take(json: event.data, &outputs)
            }
        }
    }

    private mutating func take(json text: String, _ outputs: inout [Output]) throws(PluginError) {
        guard let object = try? JSONValue(parsing: text), object.object != nil else {
            throw Self.malformed("no JSON object")
        }
        if let error = object["error"], !error.isNull {
            let words = error["message"]?.string ?? error.string ?? ""
            throw .unavailable("the webhook reported an error: \(words.prefix(120))")
        }
        for key in ["text", "delta"] {
            switch object[key] {
            case .none, .null: break
            case .string(let text): if !text.isEmpty { outputs.append(.text(text)) }
            default: throw Self.malformed("`\(key)` is no text")
            }
        }
        switch object["hang_up"] {
        case .none, .null, .bool(false): break
        case .bool(true): outputs.append(.hangUp)
        default: throw Self.malformed("`hang_up` is neither true nor false")
        }
        switch object["tool_calls"] {
        case .none, .null: break
        case .array(let calls):
            var parsed: [WebhookToolCall] = []
            for call in calls { parsed.append(try Self.call(call)) }
            if !parsed.isEmpty { outputs.append(.calls(parsed)) }
        default: throw Self.malformed("`tool_calls` is no list")
        }
    }

    /// Arguments may be an object, or, as models write them, its text.
    private static func call(_ call: JSONValue) throws(PluginError) -> WebhookToolCall {
        guard let name = call["name"]?.string, !name.isEmpty else { throw malformed("a tool call without a name") }
        var arguments = call["arguments"] ?? [:]
        if let text = arguments.string { arguments = (try? JSONValue(parsing: text.isEmpty ? "{}" : text)) ?? .null }
        if arguments.isNull, call["arguments"]?.isNull ?? true { arguments = [:] }
        guard arguments.object != nil else { throw malformed("the arguments of a tool call are no object") }
        return WebhookToolCall(id: call["id"]?.string ?? "", name: name, arguments: arguments)
    }
}
