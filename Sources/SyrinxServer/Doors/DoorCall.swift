// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// One visit at a door, which may become a call: the plugin's session, and the conversation when there is one.
/// Everything on its event loop.
final class DoorCall: FarEnd {
    /// For the plugin's answer to a request.
    static let replyTime = TimeAmount.seconds(5)
    /// From the answer until the far end is there.
    static let arrivalTime = TimeAmount.seconds(30)

    let id: String
    /// The name of the door that it came by.
    let door: String
    let loop: any EventLoop
    private let begins: CallBeginner
    private let onClosed: (String) -> Void
    private var transport: PluginTransport?
    private var realtime: RealtimeMedia?
    private var replies: [UInt64: EventLoopPromise<DoorReply>] = [:]
    private var timer: Scheduled<Void>?
    private var isClosed = false
    /// The field of a webhook that has the called number.
    private let numberField: String?

    /// - Throws: `provider.*`.
    init(
        _ provider: DoorProviders.Ready, _ begins: CallBeginner, at door: String, on loop: any EventLoop,
        onClosed: @escaping (String) -> Void
    ) throws(SyrinxError) {
        id = begins.admission.id
        self.door = door
        self.loop = loop
        self.begins = begins
        self.onClosed = onClosed
        let request = begins.admission.request
        let eventJSON = begins.eventJSON
        let isNative = begins.realtime == nil
        numberField = provider.capabilities.json["number_field"]?.string
        let transport = PluginTransport(
            farEnd: self, eventJSON: provider.wantsEvents && isNative ? eventJSON : nil,
            hearsTones: begins.door.hearsTones)
        self.transport = transport
        let parameters = StageParameters(
            tenant: request.tenant, session: id, user: request.user, options: provider.options,
            inputRate: request.rate, outputRate: request.rate)
        try transport.open(provider.provider, parameters, executor: LoopExecutor(loop))
        awaitArrival()
    }

    // MARK: at the door

    /// The plugin's answer; fails with `door.timeout` or `door.failed`.
    func ask(_ request: DoorRequest) -> EventLoopFuture<(id: UInt64, reply: DoorReply)> {
        var request = request
        if let router = begins.router, let numberField, !request.isUpgrade {
            request.isRouted = !router.refuses(request, numberIn: numberField)
        }
        guard let id = transport?.ask(body: request.body, json: request.json) else {
            endVisit()
            return loop.makeFailedFuture(Self.failed)
        }
        let promise = loop.makePromise(of: DoorReply.self)
        replies[id] = promise
        let late = loop.assumeIsolated().scheduleTask(in: Self.replyTime) { [weak self] in
            self?.replies.removeValue(forKey: id)?.fail(
                SyrinxError("door.timeout", "the plugin behind this door did not answer in time", retryable: true))
            self?.endVisit()
        }
        promise.futureResult.whenComplete { _ in late.cancel() }
        return promise.futureResult.map { (id, $0) }
    }

    /// A visit that the plugin will not look at is over; a call goes on, whoever asks meanwhile.
    private func endVisit() {
        if transport?.hasSession != true { close(.pipelineError) }
    }

    private static var failed: SyrinxError {
        SyrinxError("door.failed", "the plugin behind this door ended without an answer", retryable: true)
    }

    func adopt(_ socket: any NetworkExchange, id: UInt64) -> (@Sendable (NetworkEvent) -> Void)? {
        transport?.adopt(socket, id: id)
    }

    private func awaitArrival() {
        timer = loop.assumeIsolated().scheduleTask(in: Self.arrivalTime) { [weak self] in
            guard let self, transport?.hasSession != true else { return }
            close(.startTimeout)
        }
    }

    func close(_ reason: CloseReason) { transport?.close(reason) }

    /// Whether it is a call of `/v1/realtime/calls` of this tenant, and none of a door's own path.
    func isRealtime(of tenant: String) -> Bool {
        begins.realtime != nil && begins.admission.request.tenant == tenant
    }

    var isAtDoor: Bool { begins.realtime == nil }

    // MARK: FarEnd

    func replied(to request: UInt64, status: Int, headers: JSONValue, body: String) {
        guard let promise = replies.removeValue(forKey: request) else { return }
        guard status >= 0 else {
            promise.fail(Self.failed)
            return endVisit()
        }
        promise.succeed(DoorReply(status: status, headers: headers, body: body))
    }

    func arrived(_ peer: PeerFacts) {
        timer?.cancel()
        guard let transport else { return }
        do throws(SyrinxError) {
            guard let order = begins.realtime else {
                return transport.begin(try begins.session(for: peer, on: loop, transport))
            }
            let party = RealtimeMedia(order, transport, now: begins.clock)
            realtime = party
            party.begin(try begins.session(for: peer, on: loop, party), on: loop)
        } catch {
            begins.refused(error)
            transport.close(.pipelineError)
        }
    }

    func commanded(_ json: String) {
        guard let transport, transport.hasSession else { return }
        if let realtime { return realtime.received(json) }
        switch try? ClientMessage.parse(json, rate: begins.admission.request.rate) {
        case .input(let input): transport.submit(input)
        case .close: transport.close(.clientClosed)
        case nil: begins.commandRefused()
        }
    }

    func closed() {
        guard !isClosed else { return }
        isClosed = true
        timer?.cancel()
        for promise in replies.values { promise.fail(Self.failed) }
        replies = [:]
        transport = nil
        realtime = nil
        onClosed(id)
    }
}
