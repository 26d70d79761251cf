// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxABI
internal import SyrinxCore

/// The requests and sockets of one session. What the plugin asks may come from any thread, and so does what the network
/// answers; the plugin gets it on the session's executor, in the order of each exchange.
final class StageNetwork: Sendable {
    static let exchangeLimit = 64
    /// Of one call to send.
    private static let sendLimit = 4 << 20
    /// Notices that the executor gives away before others get their turn.
    private static let batch = 32
    /// A plugin in a helper whose ring is full is asked again after this.
    static let retry = Duration.milliseconds(5)
    /// For what the plugin has ended itself, once the session is over.
    private static let grace = Duration.seconds(2)

    private struct State {
        var exchanges: [UInt64: StageExchange] = [:]
        var last: UInt64 = 0
        /// Whose turn it was.
        var served: UInt64 = 0
        var isScheduled = false
        var isClosed = false
    }

    private let network: ProviderNetwork
    private let client: any NetworkClient
    private let trace: (any SessionTrace)?
    private let state = Mutex(State())

    init(_ network: ProviderNetwork, client: any NetworkClient, trace: (any SessionTrace)?) {
        self.network = network
        self.client = client
        self.trace = trace
    }

    // MARK: what the plugin asks

    func begin(
        _ raw: UnsafePointer<syx_request>?, isWebSocket: Bool, session: StageSession
    ) throws(NetworkRefusal) -> UInt64 {
        let reader = RequestReader(network: network, plugin: session.provider.descriptor.reference)
        var request = try reader.read(raw, isWebSocket: isWebSocket)
        let generation = raw?.pointee.generation ?? 0
        guard !session.isCancelled(generation) else {
            throw NetworkRefusal(SYX_ESTALE, "its generation was cancelled")
        }
        let survives = (raw?.pointee.flags ?? 0) & UInt32(SYX_REQ_KEEP) != 0
        let id = try number(StageExchange(isWebSocket: isWebSocket, generation: generation, survives: survives))
        let (environment, descriptor) = (session.provider.environment, session.provider.descriptor)
        request.onConnection = { wait, isKept in
            environment.connected(
                kind: descriptor.kind.name, provider: descriptor.reference, after: wait, isKept: isKept)
        }
        let traced = trace.map { RequestTrace($0, &request, of: session.provider) }
        let deliver: @Sendable (NetworkEvent) -> Void = { [self, weak session] event in
            traced?.note(event)
            guard let session else { return }
            arrived(NetworkNotice(event, id: id, generation: generation, isWebSocket: isWebSocket), session)
        }
        let exchange =
            isWebSocket ? client.open(request, deliver: deliver) : client.start(request, deliver: deliver)
        let isWanted = state.withLock { state in
            state.exchanges[id]?.exchange = exchange
            return !(state.exchanges[id]?.isAborted ?? true)
        }
        if !isWanted { exchange.abort() }
        return id
    }

    /// A number for a request at the session's door, which may become a socket.
    func reserveID() -> UInt64? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.last += 1
            return state.last
        }
    }

    /// See ``StageSession/adopt(_:id:)``.
    func adopt(
        _ socket: any NetworkExchange, id: UInt64, session: StageSession
    ) -> (@Sendable (NetworkEvent) -> Void)? {
        let isTaken = state.withLock { state in
            guard !state.isClosed, id != 0, id <= state.last, state.exchanges[id] == nil else { return false }
            var exchange = StageExchange(isWebSocket: true, generation: 0, survives: true)
            exchange.exchange = socket
            exchange.isAdopted = true
            state.exchanges[id] = exchange
            return true
        }
        guard isTaken else { return nil }
        return { [self, weak session] event in
            guard let session else { return }
            arrived(NetworkNotice(event, id: id, generation: 0, isWebSocket: true), session)
        }
    }

    private func number(_ exchange: StageExchange) throws(NetworkRefusal) -> UInt64 {
        let id = state.withLock { state -> UInt64? in
            guard !state.isClosed else { return 0 }
            guard state.exchanges.count < Self.exchangeLimit else { return nil }
            state.last += 1
            state.exchanges[state.last] = exchange
            return state.last
        }
        guard let id else {
            throw NetworkRefusal(SYX_EQUOTA, "the session has \(Self.exchangeLimit) requests and sockets already")
        }
        guard id != 0 else { throw NetworkRefusal(SYX_ECLOSED, "the session is closed") }
        return id
    }

    func send(_ id: UInt64, _ bytes: UnsafeRawPointer?, _ count: Int, flags: UInt32, isWebSocket: Bool) -> syx_status {
        guard count >= 0, count <= Self.sendLimit, bytes != nil || count == 0 else { return syx_status(SYX_EINVAL) }
        guard let exchange = exchange(id, isWebSocket) else { return syx_status(SYX_ECLOSED) }
        let data = Array(UnsafeRawBufferPointer(start: bytes, count: count))
        if isWebSocket {
            let isText = flags & UInt32(SYX_WS_BINARY) == 0
            let isTaken = exchange.send(data, isText: isText, isLast: flags & UInt32(SYX_WS_PART) == 0)
            return syx_status(isTaken ? SYX_OK : SYX_EAGAIN)
        }
        guard exchange.send(data, isLast: flags != 0) else { return syx_status(SYX_EAGAIN) }
        if flags != 0 { state.withLock { $0.exchanges[id]?.isClosing = true } }
        return syx_status(SYX_OK)
    }

    func read(_ id: UInt64, _ isWanted: Bool, isWebSocket: Bool, session: StageSession) -> syx_status {
        guard let exchange = exchange(id, isWebSocket) else { return syx_status(SYX_ECLOSED) }
        let flow = state.withLock { $0.exchanges[id]?.want(isWanted) ?? .asItIs }
        tell(exchange, flow)
        if isWanted { schedule(session) }
        return syx_status(SYX_OK)
    }

    func abort(_ id: UInt64) {
        let exchange = state.withLock { state in
            state.exchanges[id]?.abort()
            return state.exchanges[id]?.exchange
        }
        exchange?.abort()
    }

    func close(_ id: UInt64, code: Int, reason: String) {
        guard code != 0 else { return abort(id) }
        guard let exchange = exchange(id, true) else { return }
        state.withLock { $0.exchanges[id]?.isClosing = true }
        // What may be sent (RFC 6455, 7.4); 123 bytes of reason fit into a close frame.
        let isStandard = (1000...1014).contains(code) && ![1004, 1005, 1006].contains(code)
        let isAllowed = isStandard || (3000...4999).contains(code)
        exchange.close(code: isAllowed ? code : 1000, reason: String(reason.prefix(40)))
    }

    private func exchange(_ id: UInt64, _ isWebSocket: Bool) -> (any NetworkExchange)? {
        state.withLock { state in
            let entry = state.exchanges[id]
            return entry?.isWebSocket == isWebSocket && entry?.isAborted == false ? entry?.exchange : nil
        }
    }

    // MARK: what the host decides

    /// Barge-in: what was asked for the sake of this answer is not wanted any more.
    func cancel(_ generation: UInt64) {
        guard generation != 0 else { return }
        let ids = state.withLock { state in
            state.exchanges.filter { $0.value.generation == generation && !$0.value.survives }.map(\.key)
        }
        for id in ids { abort(id) }
    }

    /// Whether there are requests or sockets that the plugin may still say something to.
    var isInUse: Bool { state.withLock { $0.exchanges.values.contains { !$0.isAborted } } }

    /// The session is over. What the plugin has ended itself may still say its last.
    /// - Parameter isRemote: the plugin is in a helper, whose goodbye may be late: its sockets are closed, not cut.
    func end(_ executor: any SessionExecutor, isRemote: Bool) {
        let entries = state.withLock { state in
            state.isClosed = true
            defer { state.exchanges = [:] }
            return Array(state.exchanges.values)
        }
        for entry in entries {
            guard let exchange = entry.exchange else { continue }
            if entry.isAdopted, !entry.isClosing, !entry.isAborted {
                exchange.close(code: 1000, reason: "")
                continue
            }
            guard entry.isClosing || isRemote && entry.isWebSocket, !entry.isAborted else {
                exchange.abort()
                continue
            }
            if !entry.isClosing { exchange.close(code: 1000, reason: "") }
            exchange.read(true)
            _ = executor.schedule(after: Self.grace) { exchange.abort() }
        }
    }

    // MARK: towards the plugin

    private func arrived(_ notice: NetworkNotice, _ session: StageSession) {
        let (exchange, flow) = state.withLock { state in
            let flow = state.exchanges[notice.id]?.add(notice) ?? .asItIs
            return (state.exchanges[notice.id]?.exchange, flow)
        }
        tell(exchange, flow)
        schedule(session)
    }

    private func tell(_ exchange: (any NetworkExchange)?, _ flow: StageExchange.Flow) {
        switch flow {
        case .asItIs: break
        case .stop: exchange?.read(false)
        case .goOn: exchange?.read(true)
        }
    }

    private func schedule(_ session: StageSession) {
        let isFirst = state.withLock { state in
            guard !state.isScheduled, !state.isClosed else { return false }
            state.isScheduled = true
            return true
        }
        if isFirst { session.executor.execute { [self] in deliver(to: session) } }
    }

    private func deliver(to session: StageSession) {
        for _ in 0..<Self.batch {
            guard let notice = take() else { return }
            let status = session.give(notice)
            guard status == Int32(SYX_EAGAIN), session.isRemote else { continue }
            state.withLock { $0.exchanges[notice.id, default: Self.ended(notice)].putBack(notice) }
            _ = session.executor.schedule(after: Self.retry) { [self] in deliver(to: session) }
            return
        }
        session.executor.execute { [self] in deliver(to: session) }
    }

    /// The next notice, taking the exchanges in turn; nil = nothing to do, and the executor is released.
    private func take() -> NetworkNotice? {
        let (notice, exchange, flow) = state.withLock { state in
            let ready = state.exchanges.filter(\.value.isReady).keys
            guard let id = ready.filter({ $0 > state.served }).min() ?? ready.min(),
                let (notice, flow) = state.exchanges[id]?.take()
            else {
                state.isScheduled = false
                return (nil as NetworkNotice?, nil as (any NetworkExchange)?, StageExchange.Flow.asItIs)
            }
            state.served = id
            let exchange = state.exchanges[id]?.exchange
            if notice.isEnd { state.exchanges[id] = nil }
            return (notice, exchange, flow)
        }
        tell(exchange, flow)
        return notice
    }

    /// An exchange whose end could not be given to the plugin yet.
    private static func ended(_ notice: NetworkNotice) -> StageExchange {
        StageExchange(
            isWebSocket: notice.type == SYX_EV_WS_CLOSED, generation: notice.generation, survives: true)
    }
}
