// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One call at the vendor: what it knows and does. Extensions hold it by subject.
public struct VapiMachine: SpeechMachine {
    /// How far the session has come.
    enum Phase {
        /// Nothing was asked of the vendor, so nothing is to be paid.
        case waiting
        /// The call is being created.
        case creating(NetworkID)
        /// Its socket opens.
        case connecting(NetworkID)
        case running(NetworkID)
        /// Over at the vendor; the host is told.
        case ended
        case over
    }

    /// Of the host's audio, in hertz.
    typealias Rates = (heard: UInt32, spoken: UInt32)

    static let setupCookie: UInt64 = 1
    static let patienceCookie: UInt64 = 2
    /// A host that says nothing for so long has nothing to say.
    private static let patienceMilliseconds: UInt32 = 1_000

    let config: VapiConfig
    let session: String
    let host: SessionHost

    var phase = Phase.waiting
    var talk: BotConversation
    var outbox: SocketOutbox?
    var history: [SpeechConfiguration.Line] = []
    /// Tools of the host, by name: calls of these are its to answer.
    var tools: Set<String> = []

    // Of POST /call
    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    // Of the audio
    var input: RateConverter
    var output: RateConverter
    var samples = SampleDecoder()
    /// What the caller said before the socket was open.
    var early: [[UInt8]] = []
    var earlyBytes = 0
    /// What was asked for before.
    var queue: [String] = []
    var words = VapiWords()

    init(config: VapiConfig, session: String, rates: Rates, host: SessionHost) throws(PluginError) {
        self.config = config
        self.session = session
        self.host = host
        // Transcripts come some time after the words.
        talk = BotConversation(host: host, rate: rates.spoken, lastWordsMilliseconds: 600)
        input = try RateConverter(from: rates.heard, to: config.wireRate, host: host)
        output = try RateConverter(from: config.wireRate, to: rates.spoken, host: host)
        _ = host.startTimer(afterMilliseconds: Self.patienceMilliseconds, cookie: Self.patienceCookie)
    }

    var isOver: Bool { talk.isOver }

    var socket: NetworkID? {
        switch phase {
        case .connecting(let socket), .running(let socket): socket
        default: nil
        }
    }

    // MARK: Events of the host

    /// Takes what the host asks.
    public mutating func take(_ request: SpeechRequest) -> Status {
        defer { settle() }
        if isOver { return talk.refuse(request) }
        switch request {
        case .configure(let configuration): configure(configuration)
        case .audio(let samples): hear(samples)
        case .prompt(let wanted): return prompt(wanted)
        case .toolResult(let call, let text, let failed): answer(call, text, failed: failed)
        // The vendor knows itself what its assistant had said when it was interrupted.
        case .heard: return .skip
        case .timer(let id): timerFired(id)
        case .writable: talk.flush()
        case .drain: talk.drain()
        }
        return .ok
    }

    private mutating func prompt(_ wanted: SpeechPrompt) -> Status {
        create()
        switch talk.prompt(wanted) {
        case .refused: return .again
        case .named: return .ok
        case .tell:
            let line = wanted.line.map { ControlMessage.say($0) }
            send(line ?? ControlMessage.add(role: "user", wanted.text, isAnswered: true))
            return .ok
        }
    }

    /// The vendor takes no results of a client's tools, but it lets its assistant know.
    private mutating func answer(_ id: UInt64, _ text: String, failed: Bool) {
        guard let call = talk.answered(id) else { return }
        let what = failed ? "The tool \(call.name) failed: \(text)" : "The tool \(call.name) answered: \(text)"
        send(ControlMessage.add(role: "system", what, isAnswered: true))
    }

    /// The assistant has to know that nothing comes any more, but not to speak of it: the caller has the word.
    private mutating func answerLostCalls() {
        for call in talk.lostCalls() {
            let what = "The tool \(call.name) failed: \(SpeechAnswers.interrupted)"
            send(ControlMessage.add(role: "system", what, isAnswered: false))
        }
    }

    /// The vendor has no message that would stop its assistant: what comes of the answer is dropped.
    public mutating func cancel(_ generation: UInt64) {
        _ = talk.cancel(generation)
        answerLostCalls()
    }

    /// Ends the call.
    public mutating func close() {
        switch phase {
        case .creating(let id): host.abortRequest(id)
        case .connecting(let id): host.closeWebSocket(id)
        case .running(let id):
            send(ControlMessage.endCall)
            host.closeWebSocket(id)
        default: break
        }
        talk.close()
        phase = .over
    }

    // MARK: Ends

    mutating func fail(_ error: PluginError) {
        guard !isOver else { return }
        let socket = socket
        talk.fail(error)
        phase = .over
        if let socket { host.closeWebSocket(socket) }
    }

    /// - Parameter isRetryable: Whether the host may have another call.
    mutating func failProtocol(_ what: String, isRetryable: Bool) {
        guard !isOver else { return }
        if let socket { host.closeWebSocket(socket, code: 1_002) }
        fail(PluginError(.internalError, "Vapi: \(what)", isRetryable: isRetryable))
    }

    /// The call is over at the vendor: what was said is played, then the host ends its call, too.
    mutating func ended() {
        guard !isOver else { return }
        if let socket { host.closeWebSocket(socket) }
        phase = .ended
        talk.botLeft()
    }

    /// After every event: answers calls that nobody answers, holds the vendor up while too much waits, and reports the end
    /// of a drain.
    mutating func settle() {
        answerLostCalls()
        if talk.isOver { phase = .over }
        guard let reads = talk.settle(), let socket else { return }
        host.setReading(socket, reads)
    }
}
