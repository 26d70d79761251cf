// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// From the connection to READY, and from there to the vendor's limit (Transport: 60 minutes).
extension RealtimeMachine {
    /// From the session's beginning to session.updated.
    static let setupMilliseconds: UInt32 = 10_000
    private static let sessionSeconds: Int64 = 3_600
    /// How long before the vendor's end the host is told.
    private static let noticeSeconds: Int64 = 60

    /// CONFIG: the first one begins the conversation, later ones change it.
    ///
    /// Nothing waits for session.created: the vendor works messages off in their order.
    mutating func configure(_ configuration: SpeechConfiguration) {
        let session = SessionObject(config: config, options: configuration, locale: locale)
        guard case .connecting = phase else { return send(ClientMessage.update(session.change)) }
        phase = .configuring
        send(ClientMessage.update(session.json))
        for entry in configuration.history { send(ClientMessage.message(role: entry.role, text: entry.text)) }
    }

    /// A host that has nothing to configure may begin with anything.
    mutating func configureUnlessDone() {
        if case .connecting = phase { configure(SpeechConfiguration()) }
    }

    mutating func sessionCreated(_ event: JSONValue) {
        var left = Self.sessionSeconds
        if let end = event["session"]?["expires_at"]?.int, let now = serverSeconds, end > now {
            left = min(left, end - now)
        }
        let delay = UInt32(clamping: max(0, left - Self.noticeSeconds) * 1_000)
        _ = host.startTimer(afterMilliseconds: delay, cookie: TimerID.expiry)
    }

    mutating func sessionUpdated() {
        guard case .configuring = phase else { return }
        phase = .ready
        answers.output.send(OutgoingEvent(.ready))
    }

    mutating func timerFired(_ id: UInt64) {
        switch id {
        case TimerID.setup:
            if case .ready = phase { return }
            host.closeWebSocket(socket, code: 0)
            fail(
                PluginError(
                    .deadlineExceeded,
                    "OpenAI Realtime: the session was not set up in \(Self.setupMilliseconds / 1_000) s",
                    isRetryable: true
                )
            )
        case TimerID.expiry:
            var event = OutgoingEvent.state("expiring")
            event.json = #"{"seconds":\#(Self.noticeSeconds)}"#
            answers.output.send(event)
        default: break
        }
    }
}
