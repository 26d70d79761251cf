// SPDX-License-Identifier: Apache-2.0
internal import OpenAIHTTP
internal import SyrinxPlugin

/// Reads one response: a stream of text, JSON, plain text, or an error.
struct TranscriptionReply: Sendable {
    /// What a response says, in its order.
    enum Output: Hashable, Sendable {
        /// All of the text so far.
        case partial(String)
        case usage(JSONValue)
        /// The text, and the language that it was taken for: a tag, nil where the answer names none.
        case final(String, language: String?)
    }

    private enum Form {
        case unknown, json, text, events, failure
    }

    private static let maximumBody = 1 << 20
    /// Of a text that comes in pieces: each of them makes a partial of all that there is so far.
    private static let maximumText = 64 << 10

    private var form = Form.unknown
    private var status = 0
    private var headers: [String: String] = [:]
    private var events = ServerSentEvents()
    private var collected: [UInt8] = []
    private var text = ""
    private var hasEnded = false

    mutating func head(status: Int, headers: [String: String]) {
        self.status = status
        self.headers = headers
        if !(200...299).contains(status) { form = .failure }
    }

    /// A piece of the body. What it says before it goes wrong is in `outputs`, too.
    mutating func data(_ bytes: [UInt8], _ outputs: inout [Output]) throws(PluginError) {
        guard !hasEnded else { return }
        if form == .unknown { recognise(bytes) }
        switch form {
        case .unknown: break
        case .failure: collected += bytes.prefix(OpenAIFailure.maximumBody - collected.count)
        case .json, .text:
            guard collected.count + bytes.count <= Self.maximumBody else { throw OpenAIFailure.malformed("its length") }
            collected += bytes
        case .events: for event in try events.feed(bytes) { try take(event, &outputs) }
        }
    }

    /// The response is over; `error` when it is not complete.
    mutating func done(_ error: PluginError?, _ outputs: inout [Output]) throws(PluginError) {
        guard !hasEnded else { return }
        if form == .failure { throw OpenAIFailure.http(status: status, headers: headers, body: collected) }
        if let error { throw error }
        switch form {
        case .json: try take(object: Self.object(String(decoding: collected, as: UTF8.self)), &outputs)
        case .text: end(String(decoding: collected, as: UTF8.self), &outputs)
        case .events:
            for event in events.end() { try take(event, &outputs) }
            // The end of the stream ends the text, too.
            if !hasEnded, !text.isEmpty { end(text, &outputs) }
        default: break
        }
        guard hasEnded else { throw OpenAIFailure.malformed("there is no text in it") }
    }

    /// By the first character, or by what the server says of plain text.
    private mutating func recognise(_ bytes: [UInt8]) {
        guard let first = bytes.first(where: { !($0 == 0x20 || (0x09...0x0D).contains($0)) }) else { return }
        let isText = headers["content-type"]?.lowercased().hasPrefix("text/plain") == true
        form = first == UInt8(ascii: "{") ? .json : isText ? .text : .events
    }

    private mutating func take(_ event: ServerSentEvent, _ outputs: inout [Output]) throws(PluginError) {
        guard !hasEnded, event.data != "[DONE]", !event.data.allSatisfy(\.isWhitespace) else { return }
        let object = try Self.object(event.data)
        switch object["type"]?.string {
        case "transcript.text.delta":
            guard let delta = object["delta"]?.string else { throw OpenAIFailure.malformed("a delta") }
            guard text.utf8.count + delta.utf8.count <= Self.maximumText else {
                throw OpenAIFailure.malformed("its length")
            }
            text += delta
            outputs.append(.partial(Self.trimmed(text)))
        case "transcript.text.segment": break
        default: try take(object: object, &outputs)
        }
    }

    /// What has `text` is the whole text: a JSON answer, `transcript.text.done`.
    private mutating func take(object: JSONValue, _ outputs: inout [Output]) throws(PluginError) {
        if let error = object["error"], !error.isNull {
            throw .unavailable("the server broke off: \(OpenAIFailure.detail(error))")
        }
        if let usage = object["usage"], usage.object != nil { outputs.append(.usage(usage)) }
        switch object["text"] {
        case .string(let text): end(text, language: object["language"]?.string.flatMap(WhisperLanguage.tag), &outputs)
        // An event that this protocol does not know yet.
        case .none where form == .events: break
        default: throw OpenAIFailure.malformed("`text` is no text")
        }
    }

    private mutating func end(_ text: String, language: String? = nil, _ outputs: inout [Output]) {
        hasEnded = true
        outputs.append(.final(Self.trimmed(text), language: language))
    }

    private static func object(_ text: String) throws(PluginError) -> JSONValue {
        guard let object = try? JSONValue(parsing: text), object.object != nil else {
            throw OpenAIFailure.malformed("no JSON object")
        }
        return object
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
    }
}
