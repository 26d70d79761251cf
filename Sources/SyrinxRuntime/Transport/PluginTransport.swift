// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxABI
internal import SyrinxAudio
package import SyrinxConversation
package import SyrinxCore
package import SyrinxHost

/// The caller's side of a session in a plugin of kind transport or backend: what it hears goes to the session, what the
/// session says goes to it. It owns the session. Everything on the event loop.
///
/// It begins without a session: the plugin first judges who asks, then tells that the far end is there.
package final class PluginTransport: CallTransport {
    /// What of a caller's audio may wait for the session, which takes it at once: a second.
    private static let credit = Duration.seconds(1)

    private var stage: StageSession?
    private var session: CallSession?
    private weak var farEnd: (any FarEnd)?
    private let eventJSON: ((SessionEvent, Instant) -> String)?
    private var hasArrived = false
    /// The answer that plays.
    private var generation: UInt64 = 0
    private var tones = ToneLine(rate: 0)
    /// When the next frame of a tone is due; nil = none is played.
    private var nextTone: NIODeadline?
    /// A frame of the agent's has carried the tone since then.
    private var toneWasCarried = false
    private var loop: (any EventLoop)?
    private let hearsTones: Bool
    private var detector: DTMFDetector?
    private var refusedFrames = 0
    private var isClosed = false
    /// Told how many samples of the caller the session was given.
    package var onHeard: ((Int) -> Void)?

    /// - Parameters:
    ///   - eventJSON: for a plugin that passes the session's events on to its caller; nil = it does not.
    ///   - hearsTones: pressed keys are heard in the caller's audio, and the plugin's word is taken for none.
    package init(farEnd: any FarEnd, eventJSON: ((SessionEvent, Instant) -> String)?, hearsTones: Bool = false) {
        self.farEnd = farEnd
        self.eventJSON = eventJSON
        self.hearsTones = hearsTones
    }

    /// Opens the plugin's session.
    /// - Throws: `provider.*`.
    package func open(
        _ provider: ProviderInstance, _ parameters: StageParameters, executor: LoopExecutor
    ) throws(SyrinxError) {
        var parameters = parameters
        parameters.credit = Self.credit
        let target = LoopBound(WeakTransport(self))
        let stage = try provider.openSession(parameters, executor: executor) { target.value.transport?.receive($0) }
        self.stage = stage
        loop = executor.loop
        tones = ToneLine(rate: stage.inputRate)
        if hearsTones { detector = DTMFDetector(rate: stage.outputRate) }
    }

    /// The far end has a session from here on.
    package func begin(_ session: CallSession) {
        join(session)
        session.start()
    }

    /// The same, where somebody else starts the session.
    package func join(_ session: CallSession) { self.session = session }

    /// A message for the far end, as the session's events are.
    package func tell(_ json: String) { stage?.send(.notice(json: json)) }

    // MARK: the door

    /// - Returns: the id that the answer will carry; nil when the plugin takes no requests.
    package func ask(body: [UInt8], json: String) -> UInt64? { stage?.ask(body: body, json: json) }

    package func adopt(_ socket: any NetworkExchange, id: UInt64) -> (@Sendable (NetworkEvent) -> Void)? {
        stage?.adopt(socket, id: id)
    }

    package func submit(_ input: Input) { session?.submit(input) }

    package var hasSession: Bool { session != nil }

    /// Ends it from this side, with the session if there is one.
    package func close(_ reason: CloseReason) {
        if let session { session.submit(.close(reason)) } else { closeStage() }
    }

    private func closeStage() {
        guard !isClosed else { return }
        isClosed = true
        let target = LoopBound(WeakFarEnd(farEnd))
        guard let stage else { return target.value.farEnd?.closed() ?? () }
        self.stage = nil
        stage.close { target.value.farEnd?.closed() }
    }

    // MARK: from the plugin

    private func receive(_ event: StageEvent) {
        switch event.kind {
        case .audio(_, let samples): hear(samples)
        case .peer(let json): arrive(PeerFacts(json: json))
        case .httpReply(let id, let status, let headers, let body):
            let headers = (try? JSONValue(parsing: headers)) ?? .object([:])
            farEnd?.replied(to: id, status: status, headers: headers, body: body)
        case .command(let json): farEnd?.commanded(json)
        case .keys(let keys): if !hearsTones { session?.submit(.keys(keys)) }
        case .mark(_, _, let samples):
            let spoken = tones.spoken(before: Int64(samples))
            if samples >= 0 { session?.submit(.played(samples: Int(clamping: spoken))) }
        case .done where event.generation == 0: leave(.clientClosed)
        case .failed where event.generation == 0: leave(stage?.isLost == true ? .providerFailed : .transportLost)
        default: break
        }
    }

    private func hear(_ samples: [Int16]) {
        defer { stage?.giveBack(samples.count) }
        guard let session else { return }
        _ = samples.withUnsafeBytes { session.receive($0) }
        if let keys = detector?.process(samples), !keys.isEmpty { session.submit(.keys(keys)) }
        onHeard?(samples.count)
        // A pipeline that echoes leaves that to the caller's side.
        if session.isLoopback { samples.withUnsafeBufferPointer { send(audio: $0) } }
    }

    private func arrive(_ peer: PeerFacts) {
        guard !hasArrived else { return }
        hasArrived = true
        farEnd?.arrived(peer)
    }

    private func leave(_ reason: CloseReason) {
        guard let session else { return closeStage() }
        session.submit(.close(reason))
    }

    // MARK: CallTransport

    package func send(audio samples: UnsafeBufferPointer<Int16>) { _ = play(samples) }

    package func play(_ frame: UnsafeBufferPointer<Int16>) -> [Int16]? {
        let place = tones.sent
        guard let tone = tones.replace(frame.count) else {
            pass(frame, of: generation, at: place)
            return nil
        }
        toneWasCarried = true
        tone.withUnsafeBufferPointer { pass($0, of: 0, at: place) }
        return tone
    }

    private func pass(_ samples: UnsafeBufferPointer<Int16>, of generation: UInt64, at place: Int64) {
        guard let stage, let start = samples.baseAddress else { return }
        let status = stage.audio(start, count: samples.count, generation: generation, pts: place)
        if status < 0 { refusedFrames += 1 }
    }

    /// A plugin that cannot tell the far end of keys has their tones to play. What a helper does is not known in time:
    /// it says beforehand that it can.
    package func send(keys: String) -> Bool {
        guard let stage, !keys.isEmpty else { return false }
        let provider = stage.provider.descriptor
        if provider.origin.mode == .inProcess || provider.capabilities.json["dtmf"]?.bool == true,
            stage.send(.keys(keys)) == Int32(SYX_OK)
        {
            return true
        }
        guard tones.press(keys) else { return false }
        if nextTone == nil { playTones(at: .now()) }
        return true
    }

    /// Every 20 ms a frame, in real time, unless the agent's own came.
    private func playTones(at time: NIODeadline) {
        nextTone = time
        let target = LoopBound(WeakTransport(self))
        _ = loop?.scheduleTask(deadline: time) { target.value.transport?.playTone() }
    }

    private func playTone() {
        guard let time = nextTone, let stage, !isClosed else { return }
        let place = tones.sent
        if !toneWasCarried {
            guard let tone = tones.insert(stage.inputRate / 50) else { return nextTone = nil }
            tone.withUnsafeBufferPointer {
                pass($0, of: 0, at: place)
                session?.said($0)
            }
        }
        toneWasCarried = false
        playTones(at: time + .milliseconds(20))
    }

    package func send(event: SessionEvent, at now: Instant) {
        switch event {
        case .speechStarted(_, let started): generation = started
        case .audioClear(let cleared): stage?.cancel(cleared)
        default: break
        }
        if let eventJSON { stage?.send(.notice(json: eventJSON(event, now))) }
    }

    package func flush() {}

    package func ended(_ reason: CloseReason) {
        session = nil
        closeStage()
    }
}

/// The plugin's session does not keep its transport alive.
private final class WeakTransport {
    private(set) weak var transport: PluginTransport?

    init(_ transport: PluginTransport) { self.transport = transport }
}

private final class WeakFarEnd {
    private(set) weak var farEnd: (any FarEnd)?

    init(_ farEnd: (any FarEnd)?) { self.farEnd = farEnd }
}
