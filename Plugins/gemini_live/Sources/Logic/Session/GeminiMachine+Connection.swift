// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// From the connection to READY, and from one connection to the next (Limits: about 10 minutes each).
extension GeminiMachine {
    /// From a connection's beginning to setupComplete.
    static let setupMilliseconds: UInt32 = 10_000
    /// What waits for setupComplete: half a minute of audio as base64.
    private static let waitingLimit = 1_400_000
    /// How long before the vendor's end the host takes over when there was no quiet moment.
    private static let noticeMilliseconds: UInt32 = 3_000

    /// CONFIG: the first one begins the conversation. The vendor's setup cannot be changed later.
    mutating func configure(_ configuration: SpeechConfiguration) {
        guard case .connecting = phase else {
            return host.log(.debug, "the vendor takes no other configuration in a session")
        }
        options = configuration
        setUp()
    }

    /// A host that has nothing to configure may begin with anything.
    mutating func configureUnlessDone() {
        if case .connecting = phase { setUp() }
    }

    private mutating func setUp() {
        phase = .settingUp
        let setup = SetupMessage(config: config, options: options, handle: hasBegun ? handle : nil)
        transmit(setup.json.text)
    }

    mutating func setupComplete() {
        guard case .settingUp = phase else { return }
        phase = .running
        if let setupTimer { host.cancel(setupTimer) }
        setupTimer = nil
        if hasBegun {
            answers.output.send(.state("connected"))
        } else {
            hasBegun = true
            answers.output.send(OutgoingEvent(.ready))
            if !options.history.isEmpty { transmit(LiveMessage.history(options.history)) }
        }
        let texts = waiting
        waiting = []
        waitingBytes = 0
        for text in texts { transmit(text) }
    }

    // MARK: Sending

    /// Sends a message, or keeps it until setupComplete.
    mutating func send(_ message: String) {
        if isOver { return }
        if case .running = phase { return transmit(message) }
        waiting.append(message)
        waitingBytes += message.utf8.count
        if waitingBytes > Self.waitingLimit { failStuck("the server did not take the setup in time") }
    }

    private mutating func transmit(_ message: String) {
        guard !isOver, outbox.sendText(message) == .again else { return }
        failStuck("the server takes no more data")
    }

    private mutating func failStuck(_ what: String) {
        host.closeWebSocket(socket, code: 0)
        fail(PluginError(.deadlineExceeded, "Gemini Live: \(what)", isRetryable: true))
    }

    // MARK: Renewal

    /// Nobody says anything, and the vendor owes nothing.
    var isQuiet: Bool {
        guard case .running = phase else { return false }
        let isAnswering = current.map { answers.ledger.isLive($0.reply) || !$0.isGenerated } ?? false
        let isOwing = !asked.isEmpty || awaited != nil || !calls.isEmpty
        return !isCallerSpeaking && !isAnswering && !isOwing && callerWords.isEmpty
    }

    mutating func resumptionUpdated(_ update: JSONValue) {
        // While the model speaks it is not resumable: the handle before would forget what came since.
        isResumable = update["resumable"]?.bool ?? false
        handle = update["newHandle"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? handle
    }

    /// With a handle the conversation goes on over another connection, at the next quiet moment; without one, or without
    /// such a moment, the host has to open another session.
    mutating func goAway(_ message: JSONValue) {
        let left = LiveDuration.milliseconds(message["timeLeft"]?.string ?? "") ?? 0
        guard config.resumption ?? true, handle != nil, left > Self.noticeMilliseconds else { return expire(left) }
        mustRenew = true
        guard goAwayTimer == nil else { return }
        goAwayTimer = host.startTimer(afterMilliseconds: left - Self.noticeMilliseconds, cookie: TimerID.goAway)
    }

    private mutating func expire(_ milliseconds: UInt32) {
        var event = OutgoingEvent.state("expiring")
        event.json = #"{"seconds":\#(milliseconds / 1_000)}"#
        answers.output.send(event)
    }

    mutating func renew() {
        mustRenew = false
        if let goAwayTimer { host.cancel(goAwayTimer) }
        goAwayTimer = nil
        host.closeWebSocket(socket)
        current = nil
        isResumable = false
        do throws(PluginError) {
            socket = try host.openWebSocket(config.request)
        } catch {
            return fail(error)
        }
        outbox = SocketOutbox(host, socket)
        if answers.isHoldingUp { host.setReading(socket, false) }
        setupTimer = host.startTimer(afterMilliseconds: Self.setupMilliseconds, cookie: TimerID.setup)
        answers.output.send(.state("reconnecting"))
        setUp()
    }

    mutating func timerFired(_ id: UInt64) {
        switch id {
        case TimerID.setup:
            if case .running = phase { return }
            failStuck("the session was not set up in \(Self.setupMilliseconds / 1_000) s")
        case TimerID.goAway:
            goAwayTimer = nil
            guard mustRenew else { return }
            mustRenew = false
            expire(Self.noticeMilliseconds)
        case TimerID.silence:
            silenceTimer = nil
            speechStopped()
        case let id where id > TimerID.lastWords: lastWordsOver(id - TimerID.lastWords)
        default: break
        }
    }
}
