// SPDX-License-Identifier: Apache-2.0

/// The conversation of a bot that runs elsewhere and takes part by itself: it hears the caller, decides whose turn it is,
/// and sends its speech as fast as it is spoken.
///
/// Tell it what the bot says of itself (``botStarted()``, ``botSpoke(_:)``, …) and of the caller (``callerStarted()``, …),
/// and what the host asks; it opens, names and ends the answers as the host wants them. Bots that tell nothing but audio
/// are served, too: then sound is speech. A value whose only I/O is through the host.
public struct BotConversation: Sendable {
    /// A turn of the bot, from its first sound, word or call until it has stopped.
    struct Turn {
        let reply: ResponseLedger.Reply
        var hasSpoken = false
        var hasWords = false
        /// The bot has said that it stopped; late words are still waited for.
        var isStopped = false
        var stoppedAt: Int64 = 0
    }

    /// A tool call that the host works on.
    public struct Call: Sendable, Hashable {
        /// The bot's own name of the call.
        public let vendorID: String
        /// The tool.
        public let name: String
        /// Its arguments, a JSON object.
        public let arguments: JSONValue
        let reply: ResponseLedger.Reply
    }

    /// What a PROMPT asks for.
    public enum Asking: Sendable, Hashable {
        /// Nothing: it named an answer that the bot gives by itself.
        case named
        /// The bot is to be told the text, and to answer it.
        case tell
        /// Too much is asked already.
        case refused
    }

    /// Cookies below this are free for the plugin.
    public static let firstCookie: UInt64 = 1_000_000
    enum Cookie {
        static let quiet = firstCookie
        static let silence = firstCookie + 1
        static let leaving = firstCookie + 2
        static let left = firstCookie + 3
        /// Plus the answer's number.
        static let lastWords = firstCookie + 1_000
    }

    static let maximumRequests = 16
    static let maximumCalls = 64

    let host: SessionHost
    let rate: Int
    let lastWordsMilliseconds: UInt32

    var answers: SpeechAnswers

    // Of the caller
    var isCallerSpeaking = false
    /// The caller speaks into the bot's speech, and the bot has not stopped for it yet.
    var isStartPending = false
    /// The bot says when the caller speaks.
    var tellsCaller = false
    var silenceTimer: Timer?
    var words = ""
    var partial = ""
    /// The caller has been heard since the last turn.
    var hasHeard = false
    /// A turn was told, and what the caller said in it was not.
    var owesWords = false

    // Of the bot
    var current: Turn?
    /// The bot says when it speaks.
    var tellsSpeech = false
    /// Sound that came before the word that the bot speaks, and since when.
    var early: (samples: [Int16], since: Int64) = ([], 0)
    var lastSound: Int64 = 0
    var isWatchingQuiet = false
    /// Typed turns whose answers have not begun, oldest first.
    var asked: [ResponseLedger.Reply] = []
    var calls: [UInt64: Call] = [:]
    var lastCall: UInt64 = 0
    /// The bot works on something, and will go on speaking.
    var isBusy = false
    /// The bot was told to stop: until it says so, or this time, what it sends is of before.
    var obeysUntil: Int64 = 0
    /// An interruption until then is our own.
    var echoUntil: Int64 = 0
    var hasLeft = false

    /// Makes a conversation in which nothing was said.
    ///
    /// - Parameters:
    ///   - host: The session's host.
    ///   - rate: Of the bot's speech, in hertz.
    ///   - lastWordsMilliseconds: How long an answer stays open for words after the bot has stopped.
    public init(host: SessionHost, rate: UInt32, lastWordsMilliseconds: UInt32 = 300) {
        self.host = host
        self.rate = max(1, Int(rate))
        self.lastWordsMilliseconds = lastWordsMilliseconds
        answers = SpeechAnswers(host: host, format: AudioFormat(sampleRate: rate))
    }

    /// Nothing more is said to the host but what waits.
    public var isOver: Bool { answers.isOver }

    // MARK: What the host asks

    /// PROMPT: an empty text names the answer that the bot gives by itself; any other is for the bot to answer.
    public mutating func prompt(_ prompt: SpeechPrompt) -> Asking {
        guard answers.ledger.openReplies.count < Self.maximumRequests, asked.count < Self.maximumRequests else {
            return .refused
        }
        guard prompt.text.isEmpty else {
            let reply = answers.ask(prompt)
            guard !hasLeft else {
                answers.add(.hangUp, to: reply)
                return .named
            }
            asked.append(reply)
            return .tell
        }
        answers.name(prompt)
        return .named
    }

    /// The host cancelled a generation.
    ///
    /// - Returns: True when the bot is still at it and should be told to stop; not when it hears the caller itself.
    public mutating func cancel(_ generation: UInt64) -> Bool {
        guard let reply = answers.cancel(generation) else { return false }
        let wasAsked = asked.contains(reply)
        asked.removeAll { $0 == reply }
        let isSpoken = current.map { $0.reply == reply && !$0.isStopped } ?? false
        return (wasAsked || isSpoken) && !isCallerSpeaking && !isStartPending && !hasLeft
    }

    /// The bot was told to stop, as ``cancel(_:)`` asked: what it sends until it has is not heard.
    public mutating func toldToStop() {
        obeysUntil = host.now + 1_000_000_000
        echoUntil = obeysUntil
        early = ([], 0)
    }

    /// TOOL_RESULT: takes the call out.
    public mutating func answered(_ id: UInt64) -> Call? {
        guard let call = calls.removeValue(forKey: id) else { return nil }
        // The bot goes on in the same answer, once it has thought about the result.
        if current?.reply == call.reply { current?.isStopped = false }
        return call
    }

    /// Takes the calls out whose answer is over: the host brings no results of them, and the bot may wait. Ask after every
    /// event, and after ``cancel(_:)``.
    public mutating func lostCalls() -> [Call] {
        let lost = calls.filter { !answers.ledger.isLive($0.value.reply) }
        for id in lost.keys { calls[id] = nil }
        return lost.sorted { $0.key < $1.key }.map(\.value)
    }

    /// DRAIN.
    public mutating func drain() { answers.drain() }

    /// WRITABLE.
    public mutating func flush() { answers.output.flush() }

    /// After every event: reports the end of a drain.
    ///
    /// - Returns: Whether the bot is to be read from now on; nil = as before.
    public mutating func settle() -> Bool? { answers.settle() }

    // MARK: Ends

    /// Ends the session: every answer that is owed ends with the error, and so does the session.
    public mutating func fail(_ error: PluginError) { answers.fail(error) }

    /// The host asks something of a session that is over: what waits still goes out, and a PROMPT ends with what ended the
    /// session.
    public mutating func refuse(_ request: SpeechRequest) -> Status { answers.refuse(request) }

    /// Sends what belongs to no answer: READY, USAGE, a state.
    public mutating func send(_ event: OutgoingEvent) { answers.output.send(event) }

    /// Sends nothing more.
    public mutating func close() { answers.close() }
}
