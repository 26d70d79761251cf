// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The conversation between host and model: which response is whose, who speaks, what is asked of tools.
///
/// Knows no socket and no clock. Both sides' events go in, ``takeEffects()`` says what is to be done.
struct Dialogue: Sendable {
    /// A request whose response has not begun.
    struct Expected {
        let generation: UInt64
        var isCancelled = false
    }

    struct Call {
        let use: String
        let generation: UInt64?
    }

    /// A response without a name is meant by a PROMPT for so long, if there is a newer one; in nanoseconds.
    private static let patience: Int64 = 5_000_000_000
    /// More responses than this are not kept without a name; the oldest goes.
    static let maximumUnnamed = 8
    /// More requests than this do not wait.
    private static let maximumExpected = 8
    /// More calls than this are not open at one time.
    static let maximumCalls = 64
    /// Of what the caller said in one turn, in bytes: the vendor repeats itself, and what is more is left out.
    static let maximumWords = 65_536

    /// The host's clock, in nanoseconds; set before each call.
    var now: Int64 = 0
    /// Oldest first; the last one may be under way.
    var responses: [Response] = []
    var expected: [Expected] = []
    var blocks: [String: ContentBlock] = [:]
    /// Tokens in, out and together that the host was told of.
    var toldUsage: [Int64] = [0, 0, 0]
    var userText = ""
    /// The host knows what was said in the turn that is under way.
    var hasWords = false
    /// The host takes the caller for speaking.
    var isCallerSpeaking = false
    /// The host was told that the caller speaks, and not yet that the turn is over.
    var isTurnBegun = false
    var calls: [UInt64: Call] = [:]
    var lastCall: UInt64 = 0
    private var lastName: UInt64 = 0
    /// A sample may lie across two pieces of audio.
    var oddByte: UInt8?
    /// The last responses with a name, of which the host may not have everything.
    var named: [UInt64] = []
    var effects: [Effect] = []

    /// What is to be done now.
    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    /// Bytes that wait for a PROMPT.
    var heldBytes: Int { responses.reduce(0) { $0 + $1.heldBytes } }

    /// Nothing is under way and nothing is expected.
    var isIdle: Bool {
        !responses.contains { $0.isProducing && !$0.isDiscarded } && !expected.contains { !$0.isCancelled }
    }

    var current: Int? {
        responses.indices.last.flatMap { responses[$0].isProducing ? $0 : nil }
    }
}

// MARK: From the host

extension Dialogue {
    /// PROMPT: names a response, or brings a turn of its own.
    ///
    /// - Throws: ``PluginError`` with ``Status/again`` when too many wait.
    mutating func prompt(_ generation: UInt64, text: String) throws(PluginError) {
        if text.isEmpty, let place = oldestUnnamed { return name(place, generation) }
        guard expected.count < Self.maximumExpected else { throw PluginError(.again, "too many turns wait") }
        expected.append(Expected(generation: generation))
        guard !text.isEmpty else { return }
        effects.append(.send(ClientEvent.textBlock(text, name: nextName("turn"), role: .user, isInteractive: true)))
    }

    /// TOOL_RESULT; false when nobody waits for it.
    mutating func toolResult(_ id: UInt64, text: String, isError: Bool) -> Bool {
        guard let call = calls.removeValue(forKey: id) else { return false }
        answer(call.use, isError ? ["error": .string(text)] : Self.resultValue(text))
        return true
    }

    /// Cancels a response; true when its request had no terminal, so that CANCELLED has to follow.
    mutating func cancel(_ generation: UInt64) -> Bool {
        if let place = expected.firstIndex(where: { $0.generation == generation && !$0.isCancelled }) {
            expected[place].isCancelled = true
            return true
        }
        // The model waits for results; without one it would not go on.
        for (id, call) in calls where call.generation == generation {
            calls[id] = nil
            answer(call.use, Self.interrupted)
        }
        let place = responses.firstIndex { $0.generation == generation && $0.isProducing && !$0.isDiscarded }
        guard let place else { return false }
        responses[place].isDiscarded = true
        return true
    }

    /// The caller is heard to speak, or to be silent, before the model has said anything of it.
    mutating func callerIsHeard(_ isSpeaking: Bool) {
        if !isSpeaking || (current == nil && expected.isEmpty) { callerSpeaks(isSpeaking) }
    }

    /// The stream is lost: every open request ends with this error.
    mutating func fail(_ error: PluginError) {
        for response in responses where response.isProducing && !response.isDiscarded {
            if let generation = response.generation { effects.append(.say(.end(error), generation: generation)) }
        }
        for request in expected where !request.isCancelled {
            effects.append(.say(.end(error), generation: request.generation))
        }
        responses = []
        expected = []
        calls = [:]
    }

    private var oldestUnnamed: Int? {
        responses.firstIndex { $0.generation == nil && now - $0.openedAt <= Self.patience }
            ?? responses.lastIndex { $0.generation == nil }
    }

    private mutating func name(_ place: Int, _ generation: UInt64) {
        let held = responses[place].takeHeld()
        responses[place].generation = generation
        remember(generation)
        effects += held.map { .say($0, generation: generation) }
        for (id, call) in calls where call.generation == nil && responses[place].isProducing {
            calls[id] = Call(use: call.use, generation: generation)
        }
        if !responses[place].isProducing { responses.remove(at: place) }
    }

    mutating func remember(_ generation: UInt64) {
        if named.count == 4 { named.removeFirst() }
        named.append(generation)
    }

    private mutating func nextName(_ kind: String) -> String {
        lastName &+= 1
        return "\(kind)-\(lastName)"
    }

    mutating func answer(_ use: String, _ result: JSONValue) {
        effects.append(.send(ClientEvent.toolResult(result.text, use: use, name: nextName("tool"))))
    }

    /// The result of a call that nobody waits for any more.
    static let interrupted: JSONValue = ["error": "the caller interrupted"]

    /// A result has to be a JSON object.
    private static func resultValue(_ text: String) -> JSONValue {
        guard let value = try? JSONValue(parsing: text), value.object != nil else { return ["result": .string(text)] }
        return value
    }
}
