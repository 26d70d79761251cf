// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime

/// The caller's end of a session inside this process: audio and commands hop onto the session's event loop, audio and
/// events come back through bounded buffers.
///
/// Threads: what `CallTransport` asks for and all private state belong to the event loop, which is what `@unchecked`
/// stands for; the rest is thread-safe.
final class MediaLine: CallTransport, @unchecked Sendable {
    /// What the backend wants to know of its sessions. Called on the event loop.
    struct Observer: Sendable {
        var turnEnded: @Sendable (VoiceTurn) -> Void
        /// The slot is free again.
        var ended: @Sendable (EndReason) -> Void
    }

    /// A second of the agent's voice, and the events of a busy minute.
    private static let frameLimit = 50
    private static let eventLimit = 256

    let loop: any EventLoop
    let audio = BoundedBuffer<AudioFrame>(capacity: frameLimit)
    let events = BoundedBuffer<VoiceEvent>(capacity: eventLimit, notice: VoiceEvent.eventsLost)
    /// Comes after the session's slot was given back.
    let end = OneShot<EndReason>()

    private let rate: Int
    private let latencyTarget: Duration
    private let observer: Observer
    private var call: CallSession?
    private var status: CallStatus?
    private var state = PipelineState.initial
    private var speeches: [UInt64: OneShot<Playout>] = [:]

    init(loop: any EventLoop, rate: Int, latencyTarget: Duration, observer: Observer) {
        self.loop = loop
        self.rate = rate
        self.latencyTarget = latencyTarget
        self.observer = observer
    }

    func attach(_ call: CallSession) {
        self.call = call
        status = call.status
    }

    // MARK: towards the session, from any thread

    /// Soon, in order; nothing happens once the session is over.
    func post(_ body: @escaping @Sendable (CallSession) -> Void) {
        loop.execute { self.call.map(body) }
    }

    /// Waits until the event loop has done it: that is the back-pressure of the caller's audio.
    /// - Returns: nil when the session is over.
    func perform<Result: Sendable>(_ body: @escaping @Sendable (CallSession) -> Result) async -> Result? {
        try? await loop.submit { self.call.map(body) }.get()
    }

    func say(_ request: SayRequest, _ playout: OneShot<Playout>) {
        loop.execute {
            guard let call = self.call else { return playout.resolve(.never) }
            self.speeches[request.id] = playout
            call.submit(.say(request))
        }
    }

    /// An event of the library's own. On the event loop.
    func report(_ event: VoiceEvent) { events.append(event) }

    // MARK: CallTransport

    func send(audio samples: UnsafeBufferPointer<Int16>) {
        audio.append(AudioFrame(samples: Array(samples), rate: rate))
    }

    func send(event: SessionEvent, at now: Instant) {
        // What the caller shall not hear any more must not be read later either.
        if case .audioClear = event { audio.removeAll() }
        if case .speechFinished(let speech, _, let heard, let interrupted) = event {
            speeches.removeValue(forKey: speech)?.resolve(Playout(heard: heard, wasInterrupted: interrupted))
        }
        noteState()
        guard let event = VoiceEvent(event) else { return }
        guard case .turnEnded(let turn) = event else { return events.append(event) }
        // Counted first: whoever reads the event may look at the counters next.
        observer.turnEnded(turn)
        events.append(event)
        checkLatency(turn)
    }

    func flush() {}

    func ended(_ reason: CloseReason) {
        for speech in speeches.values { speech.resolve(.never) }
        speeches = [:]
        audio.finish()
        events.finish()
        call = nil
        let reason = EndReason(reason)
        // One step later, so that whoever waits for the end finds the slot free.
        loop.execute { [observer, end] in
            observer.ended(reason)
            end.resolve(reason)
        }
    }

    private func noteState() {
        guard let now = status.map({ PipelineState($0.snapshot.state) }), now != state else { return }
        state = now
        events.append(.stateChanged(now))
    }

    private func checkLatency(_ turn: VoiceTurn) {
        guard let latency = turn.latency.total, latency > latencyTarget else { return }
        events.append(.latencyTargetExceeded(turn: turn.number, latency: latency, target: latencyTarget))
    }
}

extension Playout {
    /// The session was over before it began.
    static let never = Playout(heard: "", wasInterrupted: true)
}
