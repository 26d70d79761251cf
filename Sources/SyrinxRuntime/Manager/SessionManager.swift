// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import Synchronization
internal import SyrinxConversation
package import SyrinxCore
package import SyrinxHost

/// Admits, begins, lists and ends sessions. Thread-safe.
///
/// The order of admission is fixed: draining, capacity, reservation; only then is a provider touched. Exactly
/// `maxSessions` of any number of concurrent creates succeed.
package final class SessionManager: Sendable {
    package let host: PluginHost
    package let profiles: ProfileStore
    package let breakers = BreakerBoard()
    private let loops: [ObjectIdentifier: LoopContext]
    let state: Mutex<State>

    struct State {
        var ledger: CapacityLedger
        var gate = LoadGate()
        var draining = false
        var live: [String: Live] = [:]
        /// The drain's deadline has passed.
        var cutting = false
        /// Sessions that draining closed.
        var forced = 0
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var nextWaiter = 0
    }

    struct Live {
        var status: CallStatus
        var loop: any EventLoop
        var session: LoopBound<WeakCall>
        /// Draining has ended it, or will.
        var isForced = false
    }

    package init(host: PluginHost, group: any EventLoopGroup, limits: SessionLimits = SessionLimits()) {
        self.host = host
        profiles = ProfileStore(host: host)
        state = Mutex(State(ledger: CapacityLedger(limits: limits)))
        let environment = host.environment
        var loops: [ObjectIdentifier: LoopContext] = [:]
        for loop in group.makeIterator() {
            loops[ObjectIdentifier(loop)] = LoopContext(loop: loop, now: { environment.now() })
        }
        self.loops = loops
    }

    // MARK: admission

    /// Reserves a place, of the host, of the tenant and of each provider. A tenant is asked about before the host is.
    /// - Throws: `session.draining`, `tenant.limit_exceeded`, `session.limit_exceeded`, `provider.limit_exceeded`,
    ///   `session.overloaded`, `session.rate_unsupported`.
    package func admit(_ request: CallRequest, providers: Set<String> = []) throws(SyrinxError) -> Admission {
        try request.checkRate()
        let claim = CapacityClaim(tenant: request.tenant, providers: providers)
        let refusal = state.withLock { $0.reserve(claim) }
        if let refusal { throw refusal }
        return Admission(id: SessionID.random(), request: request, claim: claim) { [weak self] in
            self?.placeReturned($0)
        }
    }

    /// Somebody who was let in turns out to be another tenant's caller: his place becomes one of that tenant. Whoever is
    /// in keeps a place of the host, however busy it is.
    /// - Throws: `tenant.limit_exceeded`, `session.limit_exceeded`, `provider.limit_exceeded`.
    package func move(
        _ admission: Admission, to tenant: String, profile: String, providers: Set<String>
    ) throws(SyrinxError) {
        let claim = CapacityClaim(tenant: tenant, providers: providers)
        try admission.move(to: claim, profile: profile) { (held) throws(SyrinxError) in
            let refusal = state.withLock { $0.ledger.exchange(held, for: claim) }
            if let refusal { throw refusal }
        }
    }

    /// - Throws: `session.draining`.
    package func checkDraining() throws(SyrinxError) {
        if isDraining { throw Self.drainingError }
    }

    static var drainingError: SyrinxError {
        SyrinxError(
            "session.draining", "this host takes no new sessions: it is draining", fix: "ask another host",
            retryable: true)
    }

    private func placeReturned(_ claim: CapacityClaim) {
        let waiters = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            state.ledger.release(claim)
            guard state.ledger.total == 0 else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }

    /// Begins the session of an admission. On the event loop of its connection.
    /// - Throws: `provider.*`; the place is given back.
    package func begin(
        _ admission: Admission, prepared: PreparedProfile, on loop: any EventLoop, transport: any CallTransport,
        extras: SessionExtras = SessionExtras()
    ) throws(SyrinxError) -> CallSession {
        if let language = admission.request.language { try prepared.checkLanguage(language) }
        guard let context = loops[ObjectIdentifier(loop)] else {
            throw SyrinxError("session.foreign_loop", "the event loop is not one of this host's")
        }
        let environment = host.environment
        let prepared = prepared.chosen(tenant: admission.request.tenant, session: admission.id)
        let outcomes = StageOutcomes(prepared, ownAgent: extras.agent != nil)
        let status = CallStatus(id: admission.id, request: admission.request, createdAt: environment.now())
        let setup = CallSetup(
            id: admission.id, request: admission.request, prepared: prepared, executor: context.executor,
            ticker: context.ticker.value, now: { environment.now() }, status: status, recorder: extras.recorder,
            agent: extras.agent, tools: extras.tools, toolDescriptions: extras.toolDescriptions,
            instructions: extras.instructions, processors: extras.processors, observers: extras.observers,
            listeners: extras.listeners, trace: extras.trace, outcomes: outcomes, breakers: breakers,
            onEnd: { [weak self] _ in self?.ended(admission, outcomes) },
            onWarning: {
                environment.log(session: admission.id, tenant: admission.request.tenant, level: 4, message: $0)
            })
        let session: CallSession
        do {
            session = try CallSession(setup, transport: transport)
        } catch {
            outcomes.tell(host)
            admission.release()
            throw error
        }
        admission.use()
        let cut = state.withLock { state in
            state.live[admission.id] = Live(status: status, loop: loop, session: LoopBound(WeakCall(session)))
            if state.cutting { state.force(admission.id) }
            return state.cutting
        }
        // Admitted before the drain's end, ready only after it.
        if cut { session.submit(.close(.drained)) }
        return session
    }

    private func ended(_ admission: Admission, _ outcomes: StageOutcomes) {
        outcomes.tell(host)
        state.withLock { _ = $0.live.removeValue(forKey: admission.id) }
        admission.release()
    }

    // MARK: looking

    package var activeCount: Int { state.withLock(\.ledger.total) }
    /// Places in use by tenant, and by provider id.
    package var usedByTenant: [String: Int] {
        state.withLock(\.ledger.byTenant).filter { $0.key != CapacityClaim.nobody }
    }
    package var usedByProvider: [String: Int] { state.withLock(\.ledger.byProvider) }
    package var limits: SessionLimits { state.withLock(\.ledger.limits) }
    package var loadGate: LoadGate { state.withLock(\.gate) }
    package var isDraining: Bool { state.withLock(\.draining) }

    /// New sessions see new limits; live ones stay.
    package func update(limits: SessionLimits) { state.withLock { $0.ledger.limits = limits } }
    package func update(load limits: LoadGate.Limits) { state.withLock { $0.gate.limits = limits } }

    /// How busy the host is; enough of it closes the door for a while.
    package func take(_ sample: LoadGate.Sample, at now: Instant) { state.withLock { $0.gate.take(sample, at: now) } }

    /// Oldest first.
    package var sessions: [CallStatus.Snapshot] {
        state.withLock { Array($0.live.values) }.map(\.status.snapshot).sorted { $0.createdAt < $1.createdAt }
    }

    /// A session of this tenant; another's is not there.
    /// - Throws: `session.not_found`.
    package func session(_ id: String, tenant: String) throws(SyrinxError) -> CallStatus.Snapshot {
        try live(id, of: tenant).status.snapshot
    }

    func live(_ id: String, of tenant: String?) throws(SyrinxError) -> Live {
        guard let live = state.withLock({ $0.live[id] }), tenant == nil || live.status.snapshot.tenant == tenant else {
            throw SyrinxError(
                "session.not_found", "there is no session `\(id)`", fix: "`GET /v1/sessions` lists the live ones")
        }
        return live
    }

    /// Presses keys at the far end of a session of this tenant.
    /// - Returns: false when nobody there takes them.
    /// - Throws: `session.not_found`.
    package func sendKeys(_ keys: String, to id: String, tenant: String) async throws -> Bool {
        let live = try live(id, of: tenant)
        return try await live.loop.submit { live.session.value.session?.transport?.send(keys: keys) ?? false }.get()
    }

    // MARK: ending

    /// Begins to close a session of this tenant; it is gone within the conversation's close limit.
    /// - Throws: `session.not_found`.
    package func close(_ id: String, tenant: String, reason: CloseReason = .admin) throws(SyrinxError) {
        close(try live(id, of: tenant), reason)
    }

    /// The same for an operator, whosever it is.
    package func closeOfAnyTenant(_ id: String, reason: CloseReason = .admin) throws(SyrinxError) {
        close(try live(id, of: nil), reason)
    }

    func close(_ live: Live, _ reason: CloseReason) {
        live.loop.execute { live.session.value.session?.submit(.close(reason)) }
    }
}

extension SessionManager.State {
    mutating func force(_ id: String) {
        guard live[id]?.isForced == false else { return }
        live[id]?.isForced = true
        forced += 1
    }

    /// The order of refusals is fixed: draining, the tenant's limit, the host's, a provider's, load.
    fileprivate mutating func reserve(_ claim: CapacityClaim) -> SyrinxError? {
        if draining { return SessionManager.drainingError }
        do {
            try gate.check()
        } catch {
            // A tenant without a place learns that first: it is refused on any host.
            return ledger.refusal(of: claim) ?? error
        }
        return ledger.reserve(claim)
    }
}

/// What an application adds to a session beyond its profile.
package struct SessionExtras {
    package var agent: (any AgentLink)?
    package var tools: [String: ToolHandler] = [:]
    package var toolDescriptions: [ToolDescription] = []
    /// What a speech-to-speech model is to be and do.
    package var instructions: String?
    package var processors: [any AudioProcessor] = []
    package var recorder: (any CallRecorder)?
    package var observers: [any CallObserver] = []
    package var listeners: [any CallListener] = []
    /// Nil = nobody traces.
    package var trace: (any SessionTrace)?

    package init() {}
}

/// One event loop's share of the runtime.
private struct LoopContext: Sendable {
    let executor: LoopExecutor
    let ticker: LoopBound<LoopTicker>

    init(loop: any EventLoop, now: @escaping @Sendable () -> Instant) {
        executor = LoopExecutor(loop)
        ticker = LoopBound(LoopTicker(loop: loop, now: now))
    }
}

/// The manager does not keep sessions alive: their transports do.
final class WeakCall {
    private(set) weak var session: CallSession?

    init(_ session: CallSession) { self.session = session }
}
