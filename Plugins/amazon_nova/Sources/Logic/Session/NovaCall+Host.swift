// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

// What the host says.

extension NovaCall {
    /// - Throws: ``PluginError`` when it refuses: the session has failed, or too much waits.
    mutating func handle(_ input: Input) throws(PluginError) -> Status {
        switch input {
        case .network(let event): receive(event)
        case .timer(let cookie): fire(cookie)
        case .writable:
            output.flush()
            settle()
        case .drain:
            isDraining = true
            settle()
        case .config, .audio, .prompt, .toolResult: return try converse(input)
        }
        return .ok
    }

    private mutating func converse(_ input: Input) throws(PluginError) -> Status {
        if let error = refusal {
            // Audio comes on fifty times a second: the reason is not for the log each time.
            if case .audio = input { return error.status }
            throw error
        }
        switch input {
        case .config(let json):
            guard !isConfigured else { return .skip }
            try configure(JSON.decode(ConversationConfig.self, from: json, label: "CONFIG"))
        case .audio(let samples):
            if !isConfigured { try configure(ConversationConfig()) }
            let pieces = caller.add(samples, now: host.now)
            hear(pieces)
            for piece in pieces { watch(piece) }
        case .prompt(let generation, let text):
            guard text.isEmpty || settings.takesTypedTurns else {
                throw .unsupported("this model hears turns, but reads none; it takes amazon.nova-2-sonic")
            }
            if !isConfigured { try configure(ConversationConfig()) }
            dialogue.now = host.now
            try dialogue.prompt(generation, text: text)
        case .toolResult(let id, let text, let isError):
            guard dialogue.toolResult(id, text: text, isError: isError) else { return .skip }
        default: return .skip
        }
        perform()
        return .ok
    }

    /// Drops a response; from `cancel`, so on any thread, under the session's lock.
    mutating func cancel(_ generation: UInt64) {
        audibleUntil = 0
        output.cancel(generation, owesEnd: dialogue.cancel(generation))
        perform()
    }

    private var refusal: PluginError? {
        switch phase {
        case .failed(let error): error
        case .ending, .closed: PluginError(.closed, "the session has ended")
        case .idle, .keying, .hashing, .opening, .open, .refused: nil
        }
    }

    private mutating func configure(_ config: ConversationConfig) throws(PluginError) {
        isConfigured = true
        let setup = SessionSetup(
            config,
            settings: settings,
            input: formats.input.sampleRate,
            output: formats.output.sampleRate
        )
        try queue.append(setup.events)
        start()
    }

    mutating func hear(_ pieces: [[Int16]]) {
        for piece in pieces { queue.appendAudio(ClientEvent.audioInput(piece)) }
    }

    /// Tells the host early that the caller speaks, unless that would be an interruption: those are the vendor's to find.
    private mutating func watch(_ piece: [Int16]) {
        guard let isSpeaking = activity.hear(piece) else { return }
        if !isSpeaking || host.now >= audibleUntil { dialogue.callerIsHeard(isSpeaking) }
    }

    private mutating func fire(_ cookie: UInt64) {
        switch (cookie, phase) {
        case (Cookie.opening, .opening), (Cookie.opening, .keying), (Cookie.opening, .hashing):
            let seconds = Self.openingMilliseconds / 1_000
            let message = "Amazon Bedrock did not answer within \(seconds) s"
            fail(PluginError(.deadlineExceeded, message, isRetryable: true))
        case (Cookie.tick, .opening), (Cookie.tick, .open):
            if isConfigured { hear(caller.fill(now: host.now)) }
            startTimer(Self.tickMilliseconds, Cookie.tick)
            pump()
        case (Cookie.expiring, .open):
            var state = OutgoingEvent.state("expiring")
            state.json = #"{"seconds":\#(min(Self.expiringSeconds, settings.sessionSeconds))}"#
            output.send(state)
        case (Cookie.ending, .ending): end()
        default: break
        }
    }
}
