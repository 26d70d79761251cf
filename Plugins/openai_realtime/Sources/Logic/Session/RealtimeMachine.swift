// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One conversation over one WebSocket: what it knows and does. Extensions hold it by subject.
public struct RealtimeMachine: SpeechMachine {
    /// How far the session has come.
    enum Phase {
        /// Nothing was told to the vendor yet.
        case connecting
        /// session.update is under way.
        case configuring
        case ready
        case over
    }

    /// A response that the vendor has begun and not finished.
    struct Response {
        let id: String
        let reply: ResponseLedger.Reply
        var item = ""
        var decoder = SampleDecoder()
        var callsTools = false
    }

    /// A tool call that the host works on.
    struct Call {
        let vendorID: String
        let reply: ResponseLedger.Reply
    }

    enum TimerID {
        static let setup: UInt64 = 1
        static let expiry: UInt64 = 2
    }

    /// More of these at one time is nothing that a sane vendor does, or a sane host.
    static let maximumResponses = 16
    static let maximumRequests = 16
    static let maximumCalls = 64

    let config: RealtimeConfig
    let locale: String
    let socket: NetworkID
    let host: SessionHost

    var phase = Phase.connecting
    var outbox: SocketOutbox
    var answers: SpeechAnswers

    // Of the caller
    var samplesHeard: Int64 = 0
    var transcripts: [(item: String, text: String)] = []

    // Of the answers
    var responses: [Response] = []
    /// Turns that the vendor will answer by itself, oldest first.
    var awaited: [ResponseLedger.Reply] = []
    /// Answers that wait for a response.create, and the one whose create is under way.
    var creates: [ResponseLedger.Reply] = []
    /// What to do in an answer instead of answering: lines that are only to be said.
    var orders: [ResponseLedger.Reply: String] = [:]
    var creating: ResponseLedger.Reply?
    var refusals: [ResponseLedger.Reply: Int] = [:]
    var calls: [UInt64: Call] = [:]
    var callNames: [String: String] = [:]
    var lastCall: UInt64 = 0
    var spoken = SpokenItems()
    var serverSeconds: Int64?

    init(config: RealtimeConfig, locale: String, host: SessionHost) throws(PluginError) {
        self.config = config
        self.locale = locale
        self.host = host
        socket = try host.openWebSocket(config.request)
        outbox = SocketOutbox(host, socket)
        answers = SpeechAnswers(host: host, format: AudioFormat(sampleRate: RealtimeConfig.sampleRate))
        _ = host.startTimer(afterMilliseconds: Self.setupMilliseconds, cookie: TimerID.setup)
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
        case .toolResult(let call, let text, _): answerCall(call, text)
        case .heard(let generation, let milliseconds, _): truncate(generation, heard: milliseconds)
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
        case .opened(socket, _, let headers): serverSeconds = headers["date"].flatMap(ServerDate.seconds)
        case .text(socket, let text): read(Array(text.utf8))
        case .binary(socket, let bytes): read(bytes)
        case .closed(socket, let close): fail(VendorFailure.close(close))
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

    // MARK: Sending

    /// Sends a message to the vendor. One that takes nothing any more is as good as gone.
    mutating func send(_ message: String) {
        guard !isOver else { return }
        if outbox.sendText(message) == .again {
            host.closeWebSocket(socket, code: 0)
            fail(PluginError(.deadlineExceeded, "OpenAI Realtime: the server takes no more data", isRetryable: true))
        }
    }

    /// After every event: holds the vendor up while too much waits, and reports the end of a drain.
    private mutating func settle() {
        if let reads = answers.settle() { host.setReading(socket, reads) }
    }
}
