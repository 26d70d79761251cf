// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One conversation with one bot: what it knows and does. Extensions hold it by subject.
public struct PipecatMachine: SpeechMachine {
    /// How far the session has come.
    enum Phase {
        /// The start endpoint is asked.
        case starting(NetworkID)
        /// The socket opens, and the bot is told that a client is there.
        case connecting
        case running
        case over
    }

    /// Of the host's audio, in hertz.
    typealias Rates = (heard: UInt32, spoken: UInt32)

    enum TimerID {
        static let setup: UInt64 = 1
        static let greeting: UInt64 = 2
    }

    let config: PipecatConfig
    let rates: Rates
    let host: SessionHost

    var phase = Phase.connecting
    var talk: BotConversation
    var socket: NetworkID?
    var outbox: SocketOutbox?
    var isOpen = false

    // Of the start endpoint's answer
    var startStatus = 0
    var startHeaders: [String: String] = [:]
    var startBody: [UInt8] = []
    /// What the caller said before there was a socket.
    var waiting: [[Int16]] = []
    var waitingSamples = 0
    /// What was asked for before.
    var waitingMessages: [String] = []

    // Of the audio
    var input: RateConverter
    var outputConverter: RateConverter?

    // Of the messages
    var lastMessage: UInt64 = 0
    var textIDs: [String] = []
    var words = BotWords()
    /// The bot says what the caller said as `user-input`, too.
    var tellsInput = false
    /// Tools of the host, by name: calls of these are its to answer.
    var tools: Set<String> = []
    /// What the bot works on by itself: its model, its tools.
    var works: Set<String> = []

    init(
        config: PipecatConfig, options: PipecatOptions, rates: Rates, host: SessionHost
    ) throws(PluginError) {
        self.config = config
        self.rates = rates
        self.host = host
        talk = BotConversation(host: host, rate: rates.spoken)
        input = try RateConverter(from: rates.heard, to: config.inputRate ?? PipecatConfig.inputRate, host: host)
        _ = host.startTimer(afterMilliseconds: Self.setupMilliseconds, cookie: TimerID.setup)
        if config.startsBots {
            phase = .starting(try host.startRequest(startRequest(options)))
        } else {
            try connect(config.url, headers: config.token.map { [("Authorization", "Bearer " + $0)] } ?? [])
        }
    }

    var isOver: Bool { talk.isOver }

    // MARK: Events of the host

    /// Takes what the host asks.
    public mutating func take(_ request: SpeechRequest) -> Status {
        defer { settle() }
        if isOver { return talk.refuse(request) }
        switch request {
        // A bot has instructions and a memory of its own.
        case .configure(let configuration): tools = Set(configuration.tools.map(\.name))
        case .audio(let samples): hear(samples)
        case .prompt(let wanted): return prompt(wanted)
        case .toolResult(let call, let text, let failed): answer(call, text, failed: failed)
        // The bot knows itself what it had said when it was interrupted.
        case .heard: return .skip
        case .timer(let id): timerFired(id)
        case .writable: talk.flush()
        case .drain: talk.drain()
        }
        return .ok
    }

    private mutating func prompt(_ wanted: SpeechPrompt) -> Status {
        switch talk.prompt(wanted) {
        case .refused: return .again
        case .named: return .ok
        case .tell:
            let id = nextID()
            if textIDs.count >= 16 { textIDs.removeFirst() }
            textIDs.append(id)
            send(RTVIMessage.text(wanted.text, id: id))
            return .ok
        }
    }

    private mutating func answer(_ id: UInt64, _ text: String, failed: Bool) {
        guard let call = talk.answered(id) else { return }
        send(RTVIMessage.result(call, text, failed: failed, id: nextID()))
    }

    private mutating func answerLostCalls() {
        for call in talk.lostCalls() {
            send(RTVIMessage.result(call, SpeechAnswers.interrupted, failed: true, id: nextID()))
        }
    }

    /// Keys of the caller; whatever is no key of a telephone is left out.
    public mutating func press(_ keys: String) -> Status {
        let known = keys.prefix(64).filter { "0123456789*#".contains($0) }.map(String.init)
        guard !isOver, !known.isEmpty else { return .skip }
        defer { settle() }
        send(RTVIMessage.keys(known, id: nextID()))
        return .ok
    }

    /// Lets nothing more of the answer through, and stops the bot if it does not hear the caller itself.
    public mutating func cancel(_ generation: UInt64) {
        let isAtIt = talk.cancel(generation)
        // First: what the bot would say to them is broken off, too.
        answerLostCalls()
        guard isAtIt, !isOver, socket != nil else { return }
        talk.toldToStop()
        transmit(WireFrame.interruptionBytes)
        words.reset()
    }

    /// Says goodbye to the bot.
    public mutating func close() {
        if case .starting(let id) = phase { host.abortRequest(id) }
        if let socket, !isOver {
            if isOpen, config.disconnectBot ?? true { send(RTVIMessage.disconnect(id: nextID())) }
            host.closeWebSocket(socket)
        }
        talk.close()
        phase = .over
    }

    // MARK: Ends

    mutating func fail(_ error: PluginError) {
        guard !isOver else { return }
        talk.fail(error)
        phase = .over
        if let socket { host.closeWebSocket(socket) }
    }

    /// What breaks the protocol leaves nothing to trust: better a clear end than a turn without an answer.
    mutating func failProtocol(_ what: String) {
        guard !isOver else { return }
        if let socket { host.closeWebSocket(socket, code: 1_002) }
        fail(PluginError(.internalError, "Pipecat: \(what)", isRetryable: true))
    }

    mutating func failStuck(_ what: String) {
        guard !isOver else { return }
        if let socket { host.closeWebSocket(socket, code: 0) }
        fail(PluginError(.deadlineExceeded, "Pipecat: \(what)", isRetryable: true))
    }

    /// After every event: answers calls that nobody answers, holds the bot up while too much waits, and reports the end of
    /// a drain.
    mutating func settle() {
        answerLostCalls()
        if talk.isOver { phase = .over }
        guard let reads = talk.settle(), let socket else { return }
        host.setReading(socket, reads)
    }
}
