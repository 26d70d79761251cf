// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What a session knows and does; extensions hold it by subject.
struct RealtimeMachine {
    /// How far the session has come.
    enum Phase {
        /// Nothing was told to the vendor yet.
        case connecting
        /// session.update is under way.
        case configuring
        case ready
        /// Over, with what went wrong.
        case failed(PluginError)
        case closed
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
    var output: SpeechOutput
    var ledger = ResponseLedger()
    var isHoldingUp = false
    var isDraining = false

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

    init(config: RealtimeConfig, locale: String, socket: NetworkID, host: SessionHost) {
        self.config = config
        self.locale = locale
        self.socket = socket
        self.host = host
        outbox = SocketOutbox(host, socket)
        output = SpeechOutput(host: host, format: AudioFormat(sampleRate: RealtimeConfig.sampleRate))
        _ = host.startTimer(afterMilliseconds: Self.setupMilliseconds, cookie: TimerID.setup)
    }

    var isOver: Bool {
        switch phase {
        case .failed, .closed: true
        default: false
        }
    }

    // MARK: Events of the host

    mutating func take(_ request: SpeechRequest) -> Status {
        defer { settle() }
        if isOver { return refuse(request) }
        switch request {
        case .configure(let configuration): configure(configuration)
        case .audio(let samples): hear(samples)
        case .prompt(let wanted): return prompt(wanted)
        case .toolResult(let call, let text, _): answerCall(call, text)
        case .heard(let generation, let milliseconds, _): truncate(generation, heard: milliseconds)
        case .timer(let id): timerFired(id)
        case .writable: output.flush()
        case .drain: isDraining = true
        }
        return .ok
    }

    /// A session that is over still gets rid of what waits, and ends requests with what ended it.
    private mutating func refuse(_ request: SpeechRequest) -> Status {
        switch request {
        case .writable:
            output.flush()
            return .ok
        case .drain:
            isDraining = true
            return .ok
        case .prompt(let wanted):
            guard case .failed(let error) = phase else { return .closed }
            // Answered, not refused: so the host learns first that the session is over, and can ask another one.
            output.send(.failed(error, generation: wanted.generation))
            return .ok
        default: return .skip
        }
    }

    // MARK: Events of the network

    mutating func take(_ event: NetworkEvent) {
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

    mutating func close() {
        guard case .closed = phase else {
            if !isOver { host.closeWebSocket(socket) }
            output.close()
            phase = .closed
            return
        }
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
        if isHoldingUp ? output.isRelieved : output.isCongested {
            isHoldingUp.toggle()
            host.setReading(socket, !isHoldingUp)
        }
        guard isDraining, ledger.openReplies.isEmpty, output.isEmpty else { return }
        isDraining = false
        output.send(.drained)
    }
}
