// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// One prompt on its way to its terminal event: requests, and the tool calls between them. Knows no host.
struct WebhookTurn: Sendable {
    /// What is to be done when a reply is complete.
    enum Step: Hashable, Sendable {
        /// Post again, with the tools' results.
        case ask
        /// Results are still missing.
        case wait
        case done(hangsUp: Bool)
    }

    private struct OpenCall {
        let call: WebhookToolCall
        let id: UInt64
        var result: (text: String, failed: Bool)?
    }

    /// More rounds of tools in one turn than this are no conversation.
    private static let maximumSteps = 8
    private static let maximumCalls = 16
    private static let maximumResult = 64 << 10

    let generation: UInt64
    private let prompt: [String: JSONValue]
    /// Requests that were made.
    private(set) var steps = 0
    private var open: [OpenCall] = []
    private var results: [JSONValue] = []
    private(set) var hangsUp = false
    private var hasSpoken = false
    /// Whether any word or tool call of the reply that is under way has come.
    private(set) var hasBegun = false

    /// Waits for its signature.
    var unsigned: (cookie: UInt64, request: WebhookRequest)?
    /// The request that is under way.
    var request: NetworkID?
    var reply = WebhookReply()
    var timer: Timer?

    /// - Parameter extras: The PROMPT's, as the host writes them.
    init(session: String, user: String, text: String, extras: JSONValue, generation: UInt64) {
        self.generation = generation
        var prompt: [String: JSONValue] = [
            "session": .string(session), "generation": .int(Int64(clamping: generation)), "text": .string(text),
            "history": extras["history"] ?? [], "tools": extras["tools"] ?? [],
            "language": extras["language"] ?? "",
        ]
        if !user.isEmpty { prompt["user"] = .string(user) }
        self.prompt = prompt
    }

    /// The body of the next request.
    var body: JSONValue {
        var body = prompt
        if !results.isEmpty { body["tool_results"] = .array(results) }
        return .object(body)
    }

    mutating func begin() {
        steps += 1
        reply = WebhookReply()
        hasBegun = false
    }

    /// - Returns: What is to be said: words after a tool call are kept apart from those before it.
    mutating func say(_ text: String) -> String {
        defer {
            hasBegun = true
            hasSpoken = true
        }
        return !hasBegun && hasSpoken && text.first?.isWhitespace != true ? " " + text : text
    }

    mutating func hangUp() { hangsUp = true }

    /// Takes tool calls of the reply; each is to be told to the host.
    mutating func add(
        _ calls: [WebhookToolCall], nextID: () -> UInt64
    ) throws(PluginError) -> [(UInt64, WebhookToolCall)] {
        hasBegun = true
        guard steps <= Self.maximumSteps, open.count + calls.count <= Self.maximumCalls else {
            throw WebhookReply.malformed("too many tool calls")
        }
        var added: [(UInt64, WebhookToolCall)] = []
        for call in calls {
            let id = nextID()
            var call = call
            if call.id.isEmpty { call.id = "call_\(id)" }
            open.append(OpenCall(call: call, id: id))
            added.append((id, call))
        }
        return added
    }

    /// A tool's result; nil when no such call is open.
    mutating func take(result text: String, failed: Bool, of id: UInt64) -> Step? {
        guard let index = open.firstIndex(where: { $0.id == id && $0.result == nil }) else { return nil }
        let text =
            text.utf8.count <= Self.maximumResult
            ? text : String(decoding: text.utf8.prefix(Self.maximumResult), as: UTF8.self)
        open[index].result = (text, failed)
        return request == nil ? nextStep() : .wait
    }

    /// The reply is complete.
    mutating func finishReply() -> Step {
        request = nil
        return nextStep()
    }

    private mutating func nextStep() -> Step {
        guard !open.isEmpty else { return .done(hangsUp: hangsUp) }
        guard open.allSatisfy({ $0.result != nil }) else { return .wait }
        results += open.map { open in
            [
                "id": .string(open.call.id), "name": .string(open.call.name), "arguments": open.call.arguments,
                "text": .string(open.result?.text ?? ""), "failed": .bool(open.result?.failed ?? false),
            ]
        }
        open = []
        return .ask
    }
}
