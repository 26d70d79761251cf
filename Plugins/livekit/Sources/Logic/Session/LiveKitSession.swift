// SPDX-License-Identifier: Apache-2.0
public import SyrinxPlugin

/// One conversation in one room, of the backend or behind the door.
public final class LiveKitSession: Session {
    private enum Digest {
        static let token: UInt64 = 1
        static let webhook: UInt64 = 2
    }

    private let service: LiveKitService
    private let host: SessionHost
    private let client: RoomClient
    private let door: LiveKitDoor?
    private let name: String
    /// What waits for its token's signature.
    private var joining: (join: RoomJoin, token: AccessToken)?
    private var webhook: Webhook?
    /// The room that the door keeps others from joining while this session is there.
    private var claimed: String?

    /// A session of the backend.
    init(
        _ service: LiveKitService, _ params: SessionParams, _ host: SessionHost, join: RoomJoin
    ) throws(PluginError) {
        (self.service, self.host, door, name) = (service, host, nil, params.session)
        client = try Self.client(service, params, host)
        let status = sign(join)
        guard !status.isError else { throw Self.unsigned(status) }
    }

    /// A session of the door: it waits for a webhook.
    init(
        _ service: LiveKitService, _ params: SessionParams, _ host: SessionHost, door: LiveKitDoor
    ) throws(PluginError) {
        (self.service, self.host, self.door, name) = (service, host, door, params.session)
        client = try Self.client(service, params, host)
    }

    /// The backend has to be in the room first; the door can be asked at once.
    public var isReady: Bool { door != nil }

    /// Takes events of the host.
    public func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .audioIn:
            let samples = event.withAudio { frame in frame.withInt16 { $0.withUnsafeBufferPointer { Array($0) } } }
            if let samples, let samples { client.play(samples, generation: event.generation) }
        case .notice: client.tell(event.json)
        case .dtmfIn: client.press(event.text)
        case .digest: signed(event.id, event.integer == 0 ? event.bytes : nil)
        case .httpRequest:
            guard let request = DoorRequest(event) else { return .invalid }
            asked(request)
        case .timer: client.timerFired(event.id)
        case .writable: client.outbox.flush()
        case .drain: client.outbox.send(.drained)
        default: return .skip
        }
        return .ok
    }

    /// Throws away what waits of this answer.
    public func cancel(_ generation: UInt64) {
        client.cancel(generation)
    }

    /// Leaves the room.
    public func close() {
        client.close()
        if let claimed { door?.release(claimed) }
    }

    private static func client(
        _ service: LiveKitService, _ params: SessionParams, _ host: SessionHost
    ) throws(PluginError) -> RoomClient {
        for format in [params.input, params.output] {
            guard format.encoding == .int16, format.channels == 1,
                [8_000, 16_000, 24_000, 48_000].contains(format.sampleRate)
            else { throw .unsupported("LiveKit's rooms want 16 bit mono at 8, 16, 24 or 48 kHz") }
        }
        try service.health()
        return RoomClient(hub: service.hub, host: host, input: params.input, output: params.output)
    }

    // MARK: Signatures

    private func sign(_ join: RoomJoin) -> Status {
        let config = service.config
        let lifetime = config.tokenSeconds ?? LiveKitConfig.defaultTokenSeconds
        let token = AccessToken(join, key: config.apiKey, now: service.now(), lifetime: lifetime)
        joining = (join, token)
        return host.requestHMAC(key: config.apiSecret, bytes: Array(token.signedPart.utf8), cookie: Digest.token)
    }

    private func signed(_ cookie: UInt64, _ digest: [UInt8]?) {
        switch cookie {
        case Digest.token:
            guard let (join, token) = joining else { return }
            joining = nil
            guard let digest else { return client.fail(Self.unsigned(.notFound)) }
            client.connect(
                join, address: service.address, token: token.signed(digest),
                singleConnection: service.config.singlePeerConnection)
        case Digest.webhook: judged(digest)
        default: break
        }
    }

    private static func unsigned(_ status: Status) -> PluginError {
        PluginError(status, "the host did not sign LiveKit's access token: is 'api_secret' set?")
    }

    // MARK: Webhooks

    private func asked(_ request: DoorRequest) {
        // Only the first request is a webhook; the session has no address of its own.
        guard let door, webhook == nil else { return reply(request.id, 404, "nothing is here") }
        let webhook = Webhook(request, key: service.config.apiKey, now: service.now())
        self.webhook = webhook
        if let refusal = webhook.refusal { return dismiss(refusal.status, refusal.reason) }
        guard let token = webhook.token else { return dismiss(401, "no token") }
        let status = host.requestHMAC(
            key: service.config.apiSecret, bytes: Array(token.signedPart.utf8), cookie: Digest.webhook)
        if status.isError {
            door.warn("the host did not check LiveKit's webhook: is 'api_secret' set?")
            dismiss(500, "the signature cannot be checked")
        }
    }

    private func judged(_ digest: [UInt8]?) {
        guard let webhook, let token = webhook.token, let door else { return }
        guard let digest, token.isSigned(digest) else { return dismiss(401, "the signature does not match") }
        guard let news = webhook.news else { return dismiss(400, "the body is not a webhook") }
        guard door.claim(news) else { return dismiss(200, "nothing to do") }
        claimed = news.room
        reply(webhook.request, 200, "an agent joins")
        let join = RoomJoin(room: news.room, session: name, config: service.config, caller: news.participant)
        let status = sign(join)
        if status.isError { client.fail(Self.unsigned(status)) }
    }

    /// Answers and ends the session.
    private func dismiss(_ status: Int, _ text: String) {
        guard let webhook else { return }
        reply(webhook.request, status, text)
        client.outbox.send(.farEndLeft(text))
    }

    private func reply(_ request: NetworkID, _ status: Int, _ text: String) {
        client.outbox.send(.reply(.problem(status, text), to: request))
    }
}
