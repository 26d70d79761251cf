// SPDX-License-Identifier: Apache-2.0
internal import OpenAIHTTP
internal import SyrinxPlugin

/// One prompt on its way to its terminal event: the model's answers, and the tool calls between them.
///
/// Knows no host: the session does what ``Step`` says.
struct ChatTurn: Sendable {
    /// What is to be done after an answer of the model, or after a tool's result.
    enum Step: Hashable, Sendable {
        /// Ask the model (again).
        case ask
        /// Have these tools called.
        case call([Call])
        /// Results are still missing.
        case wait
        /// The turn is over; `lastWords` are to be said before.
        case done(lastWords: String, hangsUp: Bool)
    }

    /// A tool call with the id that the host knows it by.
    struct Call: Hashable, Sendable {
        let id: UInt64
        let name: String
        let arguments: String
    }

    private struct OpenCall {
        let call: ChatToolCall
        var id: UInt64?
        var result: String?
    }

    /// More of one result than this is cut off.
    static let maximumResult = 64 << 10
    /// An answer beyond this is no answer.
    private static let maximumText = 1 << 20

    let generation: UInt64
    let userText: String
    /// What the model is asked next.
    private(set) var messages: [JSONValue]
    let tools: [JSONValue]
    private let hangsUpByTool: Bool
    private let maximumSteps: Int
    private var steps = 0
    private var open: [OpenCall] = []
    private var thoughts = ThoughtFilter()
    /// What the model said since it was asked last.
    private var said = ""
    private var hasSpoken = false
    private var hangsUp = false
    private var farewell = ""
    /// Calls with their results, for the turns to come.
    private(set) var exchange: [JSONValue] = []

    /// The request that is under way.
    var request: NetworkID?
    var reply = ChatReply()
    /// What the answer that is under way took.
    var usage: JSONValue?
    var timer: Timer?

    init(_ prompt: ChatPrompt, userText: String, maximumSteps: Int, generation: UInt64) {
        self.generation = generation
        self.userText = userText
        messages = prompt.messages
        tools = prompt.tools
        hangsUpByTool = prompt.hangsUpByTool
        self.maximumSteps = maximumSteps
    }

    var mayCallTools: Bool { steps < maximumSteps }
    /// Whether anything has come of the answer that is under way.
    var hasBegun: Bool { !said.isEmpty || !reply.toolCalls.isEmpty }

    /// The model is being asked.
    mutating func begin(_ request: NetworkID) {
        self.request = request
        reply = ChatReply()
        usage = nil
        thoughts = ThoughtFilter()
        said = ""
    }

    /// A piece of the answer.
    ///
    /// - Returns: What is to be said, maybe nothing.
    mutating func say(_ text: String) throws(PluginError) -> String { try pass(thoughts.pass(text)) }

    /// What was held back; asked once the last piece has come.
    mutating func sayRest() throws(PluginError) -> String { try pass(thoughts.finish()) }

    /// Words after a tool call are kept apart from those before it.
    private mutating func pass(_ text: String) throws(PluginError) -> String {
        guard !text.isEmpty else { return "" }
        guard said.utf8.count + text.utf8.count <= Self.maximumText else { throw OpenAIFailure.malformed("its length") }
        let isNew = said.isEmpty && hasSpoken
        said += text
        hasSpoken = true
        return isNew && text.first?.isWhitespace != true ? " " + text : text
    }

    /// The answer is complete.
    ///
    /// - Parameter nextID: Numbers calls for the host.
    mutating func finishAnswer(nextID: () -> UInt64) throws(PluginError) -> Step {
        request = nil
        let reason = reply.finishReason
        if reason == "content_filter", !hasSpoken {
            throw PluginError(.invalid, "the vendor's content filter let nothing of the answer through")
        }
        let calls = reply.toolCalls
        guard !calls.isEmpty else { return .done(lastWords: farewellIfNeeded(), hangsUp: hangsUp) }
        for call in calls where isHangUp(call) { noteHangUp(call) }
        if calls.allSatisfy(isHangUp) { return .done(lastWords: farewellIfNeeded(), hangsUp: true) }
        guard mayCallTools else {
            // Told to call none, it did all the same.
            guard !hasSpoken else { return .done(lastWords: "", hangsUp: hangsUp) }
            throw PluginError(.internalError, "the model goes on calling tools after \(maximumSteps) steps")
        }
        steps += 1
        return begin(calls, nextID)
    }

    /// A tool's result; nil when no such call is open.
    mutating func take(result text: String, failed: Bool, of id: UInt64) -> Step? {
        guard let index = open.firstIndex(where: { $0.id == id && $0.result == nil }) else { return nil }
        open[index].result = Self.bounded(failed ? "Error: " + text : text)
        return nextStep()
    }

    private mutating func begin(_ calls: [ChatToolCall], _ nextID: () -> UInt64) -> Step {
        open = []
        var asked: [Call] = []
        for call in calls {
            if isHangUp(call) {
                open.append(OpenCall(call: call, result: "The call ends after your answer."))
            } else if call.name.isEmpty {
                open.append(OpenCall(call: call, result: "Error: a tool call needs a name"))
            } else if let arguments = call.argumentsObject {
                let id = nextID()
                asked.append(Call(id: id, name: call.name, arguments: arguments.text))
                open.append(OpenCall(call: call, id: id))
            } else {
                open.append(OpenCall(call: call, result: "Error: the arguments are no JSON object"))
            }
        }
        return asked.isEmpty ? nextStep() : .call(asked)
    }

    private mutating func nextStep() -> Step {
        guard open.allSatisfy({ $0.result != nil }) else { return .wait }
        let calls: JSONValue = .array(open.map(\.call.json))
        let results = open.map { call -> JSONValue in
            ["role": "tool", "tool_call_id": .string(call.call.id), "content": .string(call.result ?? "")]
        }
        let content: JSONValue = said.isEmpty ? .null : .string(said)
        messages.append(["role": "assistant", "content": content, "tool_calls": calls])
        messages += results
        // What was said is in the host's history, as far as it was heard.
        exchange.append(["role": "assistant", "content": .null, "tool_calls": calls])
        exchange += results
        open = []
        return .ask
    }

    private func isHangUp(_ call: ChatToolCall) -> Bool { hangsUpByTool && call.name == ChatPrompt.hangUpTool }

    private mutating func noteHangUp(_ call: ChatToolCall) {
        hangsUp = true
        farewell = call.argumentsObject?["farewell"]?.string ?? ""
    }

    /// The farewell of a model that said nothing else.
    private func farewellIfNeeded() -> String { hangsUp && !hasSpoken ? farewell : "" }

    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > maximumResult else { return text }
        return String(decoding: text.utf8.prefix(maximumResult), as: UTF8.self) + " (cut off)"
    }
}
