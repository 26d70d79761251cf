// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One conversation, over one WebSocket after another when the vendor renews connections: what it knows and does.
/// Extensions hold it by subject.
public struct GeminiMachine: SpeechMachine {
    /// How far the session has come.
    enum Phase {
        /// Nothing was told to the vendor yet.
        case connecting
        /// setup is under way, on the first connection or on a later one.
        case settingUp
        case running
        case over
    }

    /// A turn of the model, from its first part until turnComplete or interrupted.
    struct ModelTurn {
        let reply: ResponseLedger.Reply
        var decoder = SampleDecoder()
        /// All audio has come; the vendor waits for what it takes for playout.
        var isGenerated = false
    }

    /// A tool call that the host works on, or has answered.
    struct Call {
        let vendorID: String
        let name: String
        let reply: ResponseLedger.Reply
        var result: LiveMessage.ToolResult?
    }

    enum TimerID {
        static let setup: UInt64 = 1
        static let goAway: UInt64 = 2
        static let silence: UInt64 = 3
        /// Plus the answer's number: words that come after the last audio.
        static let lastWords: UInt64 = 1_000
    }

    static let maximumRequests = 16
    static let maximumCalls = 64

    let config: GeminiConfig
    let inputRate: UInt32
    let host: SessionHost

    var phase = Phase.connecting
    var options = SpeechConfiguration()
    var socket: NetworkID
    var outbox: SocketOutbox
    var answers: SpeechAnswers

    // Of the connection
    var hasBegun = false
    /// What may not be sent before setupComplete, and its length.
    var waiting: [String] = []
    var waitingBytes = 0
    /// Names the conversation for another connection, and whether it may be used just now.
    var handle: String?
    var isResumable = false
    /// The vendor is going to end the connection.
    var mustRenew = false
    var setupTimer: Timer?
    var goAwayTimer: Timer?

    // Of the caller
    var isCallerSpeaking = false
    var silenceTimer: Timer?
    var callerWords = ""
    /// A turn of the caller was told, and what it said was not.
    var owesWords = false

    // Of the answers
    var current: ModelTurn?
    /// The answer to words that the vendor called finished, until the model begins it.
    var awaited: ResponseLedger.Reply?
    /// What the model said while no turn of it was under way, and since when.
    var earlyWords: (text: String, since: Int64) = ("", 0)
    /// Typed turns whose answers have not begun, oldest first.
    var asked: [ResponseLedger.Reply] = []
    var calls: [UInt64: Call] = [:]
    var lastCall: UInt64 = 0

    init(config: GeminiConfig, inputRate: UInt32, host: SessionHost) throws(PluginError) {
        self.config = config
        self.inputRate = inputRate
        self.host = host
        socket = try host.openWebSocket(config.request)
        outbox = SocketOutbox(host, socket)
        answers = SpeechAnswers(host: host, format: AudioFormat(sampleRate: GeminiConfig.outputRate))
        setupTimer = host.startTimer(afterMilliseconds: Self.setupMilliseconds, cookie: TimerID.setup)
    }

    var isOver: Bool { answers.isOver }

    // MARK: Events of the host

    /// Takes what the host asks.
    public mutating func take(_ request: SpeechRequest) -> Status {
        defer { settle() }
        if isOver { return answers.refuse(request) }
        switch request {
        case .configure(let configuration): configure(configuration)
        case .audio(let samples): hear(samples)
        case .prompt(let wanted): return prompt(wanted)
        case .toolResult(let call, let text, let failed): answerCall(call, text, failed: failed)
        // The vendor cuts its own memory of an answer at `interrupted`; there is nothing to tell it.
        case .heard: return .skip
        case .timer(let id): timerFired(id)
        case .writable: answers.output.flush()
        case .drain: answers.drain()
        }
        return .ok
    }

    // MARK: Events of the network

    /// Takes what the vendor sent.
    public mutating func take(_ event: NetworkEvent) {
        defer { settle() }
        guard !isOver else { return }
        switch event {
        case .text(socket, let text): read(Array(text.utf8))
        case .binary(socket, let bytes): read(bytes)
        case .closed(socket, let close): fail(LiveFailure.close(close))
        case .writable(socket): outbox.flush()
        default: break
        }
    }

    /// Says goodbye to the vendor.
    public mutating func close() {
        if !isOver { host.closeWebSocket(socket) }
        answers.close()
        phase = .over
    }

    // MARK: Ends

    /// Ends the session: every answer that is owed ends with the error, and so does the session.
    mutating func fail(_ error: PluginError) {
        guard !isOver else { return }
        phase = .over
        answers.fail(error)
        host.closeWebSocket(socket)
    }

    /// What breaks the protocol leaves nothing to trust: better a clear end than a turn without an answer.
    mutating func failProtocol(_ what: String) {
        host.closeWebSocket(socket, code: 1_002)
        fail(PluginError(.internalError, "Gemini Live: \(what)", isRetryable: true))
    }

    /// After every event: answers calls that nobody answers, renews the connection, holds the vendor up while too much waits, reports the end of a drain.
    private mutating func settle() {
        answerLostCalls()
        if mustRenew, isResumable, isQuiet { renew() }
        if let reads = answers.settle() { host.setReading(socket, reads) }
    }
}
