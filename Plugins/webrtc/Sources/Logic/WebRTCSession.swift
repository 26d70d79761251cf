// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One session of the host: the requests at the door, and the call that comes of them.
public final class WebRTCSession: Session {
    /// What a call needs of its session.
    struct Context {
        let host: SessionHost
        let outbox: Outbox
        let format: AudioFormat
        let greeting: OutgoingEvent
    }

    /// Requests whose token is being compared.
    private static let maximumPending = 8

    private struct Pending {
        var request: DoorRequest
        /// The digest that the right token has.
        var expected: [UInt8]
    }

    private let provider: WebRTCProvider
    private let params: SessionParams
    private let host: SessionHost
    private let outbox: Outbox
    private let line = CallLine()
    private var signalling: Signalling
    private var pending: [UInt64: Pending] = [:]
    private var lastCookie: UInt64 = 0

    init(provider: WebRTCProvider, params: SessionParams, host: SessionHost) {
        self.provider = provider
        self.params = params
        self.host = host
        outbox = Outbox(host: host)
        signalling = Signalling(isProtected: provider.token != nil)
    }

    /// Takes requests, the agent's audio, keys, and the session's events.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .httpRequest:
            guard let request = DoorRequest(event) else { throw .invalid("the request is malformed") }
            perform(signalling.receive(request), request)
        case .digest: judge(event.id, event.integer == 0 ? event.bytes : nil)
        case .audioIn: return speak(event)
        case .dtmfIn:
            guard line.call?.press(event.text, at: host.now) == true else {
                throw .unsupported("the peer takes no keys: its offer has no telephone-event/48000")
            }
        case .notice: line.call?.tell(event.json, at: host.now)
        case .writable: outbox.flush()
        default: return .skip
        }
        return .ok
    }

    /// What waits of this answer is not sent.
    public func cancel(_ generation: UInt64) { line.call?.cancel(generation) }

    /// Hangs up.
    public func close() {
        line.call?.close(at: host.now)
        outbox.close()
    }

    // MARK: Signalling

    private func perform(_ action: Signalling.Action, _ request: DoorRequest) {
        switch action {
        case .reply(let answer): reply(answer, request)
        case .judge(let presented): compare(presented, request)
        case .offer: answer(request)
        case .restart(let fragment): restart(fragment, request)
        case .hangUp(let answer):
            reply(answer, request)
            line.call?.hangUp(at: host.now)
        case .refuse(let answer): refuse(answer, request)
        }
    }

    private func refuse(_ refusal: DoorReply, _ request: DoorRequest) {
        reply(refusal, request)
        outbox.send(.farEndLeft("answered with \(refusal.status)"))
    }

    private func reply(_ reply: DoorReply, _ request: DoorRequest) {
        outbox.send(.reply(reply.forAnyOrigin, to: request.id))
    }

    private func answer(_ request: DoorRequest) {
        let offer: Offer
        do {
            offer = try Offer(parsing: request.text)
        } catch {
            return refuse(.problem(400, "The offer cannot be used: \(error.reason)."), request)
        }
        let context = Context(
            host: host, outbox: outbox, format: params.output, greeting: .peer(PeerFacts(query: request.query)))
        guard let (call, answer) = provider.makeCall(offer, session: context, now: host.now) else {
            return refuse(.problem(503, "No call can be made now."), request)
        }
        line.call = call
        let location = "\(DoorRequest.doorPath(of: request.url))/\(params.session)"
        reply(signalling.accept(answer: answer, location: location, tag: call.tag), request)
    }

    private func restart(_ remote: ICEFragment, _ request: DoorRequest) {
        guard let call = line.call, let credentials = ICECredentials.random() else {
            return reply(.problem(503, "ICE cannot be restarted now."), request)
        }
        call.restart(credentials, remoteFragment: remote.fragment)
        let answer = provider.restartAnswer(to: call.offer, credentials)
        reply(signalling.restarted(answer: answer, tag: credentials.fragment), request)
    }

    // MARK: The token

    /// The plugin never sees the token: the host signs a random text with it, and so does this with what was presented.
    private func compare(_ presented: String, _ request: DoorRequest) {
        guard let token = provider.token, let text = Digests.random(32), pending.count < Self.maximumPending else {
            return perform(signalling.end(.problem(503, "Too many requests at a time.")), request)
        }
        lastCookie += 1
        pending[lastCookie] = Pending(
            request: request, expected: Digests.hmacSHA256(key: Array(presented.utf8), text))
        if host.requestHMAC(key: token, bytes: text, cookie: lastCookie).isError {
            pending[lastCookie] = nil
            perform(signalling.end(.problem(503, "The token cannot be compared now.")), request)
        }
    }

    private func judge(_ cookie: UInt64, _ digest: [UInt8]?) {
        guard let pending = pending.removeValue(forKey: cookie) else { return }
        guard let digest, Digests.areEqual(digest, pending.expected) else {
            return perform(signalling.end(Signalling.unauthorised), pending.request)
        }
        perform(signalling.admitted(pending.request), pending.request)
    }

    // MARK: Audio

    private func speak(_ event: borrowing Event) -> Status {
        let generation = event.generation
        guard let call = line.call, !host.isCancelled(generation) else { return .ok }
        let now = host.now
        _ = event.withAudio { frame in
            let position = frame.presentationTime
            frame.withInt16 { samples in
                let samples = samples.withUnsafeBufferPointer { Array($0) }
                call.send(samples, generation: generation, position: position, at: now)
            }
        }
        return .ok
    }
}
