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
    private let loops: [ObjectIdentifier: LoopContext]
    private let state: Mutex<State>
    /// What a conversation may take to close, and a little more.
    private static let closeGrace = Duration.seconds(3)

    private struct State {
        var limits: SessionLimits
        var reserved = 0
        var draining = false
        var live: [String: Live] = [:]
        /// The drain's deadline has passed.
        var cutting = false
        /// Sessions that draining closed.
        var forced = 0
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var nextWaiter = 0
    }

    private struct Live {
        var status: CallStatus
        var loop: any EventLoop
        var session: LoopBound<WeakCall>
    }

    package init(host: PluginHost, group: any EventLoopGroup, limits: SessionLimits = SessionLimits()) {
        self.host = host
        profiles = ProfileStore(host: host)
        state = Mutex(State(limits: limits))
        let environment = host.environment
        var loops: [ObjectIdentifier: LoopContext] = [:]
        for loop in group.makeIterator() {
            loops[ObjectIdentifier(loop)] = LoopContext(loop: loop, now: { environment.now() })
        }
        self.loops = loops
    }

    // MARK: admission

    /// Reserves a place.
    /// - Throws: `session.draining`, `session.limit_exceeded`, `session.rate_unsupported`.
    package func admit(_ request: CallRequest) throws(SyrinxError) -> Admission {
        try request.checkRate()
        let refusal: SyrinxError? = state.withLock { state in
            if state.draining {
                return SyrinxError(
                    "session.draining", "this host takes no new sessions: it is draining",
                    fix: "ask another host", retryable: true)
            }
            let limit = state.limits.maxSessions
            guard limit == 0 || state.reserved < limit else {
                return SyrinxError(
                    "session.limit_exceeded", "all \(limit) sessions are in use", fix: "try again later",
                    retryable: true)
            }
            state.reserved += 1
            return nil
        }
        if let refusal { throw refusal }
        return Admission(id: SessionID.random(), request: request) { [weak self] in self?.placeReturned() }
    }

    private func placeReturned() {
        let waiters = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            state.reserved -= 1
            guard state.reserved == 0 else { return [] }
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
            processors: extras.processors, outcomes: outcomes,
            onEnd: { [weak self] _ in self?.ended(admission, outcomes) },
            onWarning: { environment.log(plugin: admission.id, level: 4, message: $0, fields: "") })
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
            if state.cutting { state.forced += 1 }
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

    package var activeCount: Int { state.withLock(\.reserved) }
    package var limits: SessionLimits { state.withLock(\.limits) }
    package var isDraining: Bool { state.withLock(\.draining) }

    /// New sessions see new limits; live ones stay.
    package func update(limits: SessionLimits) { state.withLock { $0.limits = limits } }

    /// Oldest first.
    package var sessions: [CallStatus.Snapshot] {
        state.withLock { Array($0.live.values) }.map(\.status.snapshot).sorted { $0.createdAt < $1.createdAt }
    }

    /// - Throws: `session.not_found`.
    package func session(_ id: String) throws(SyrinxError) -> CallStatus.Snapshot {
        guard let live = state.withLock({ $0.live[id] }) else { throw Self.notFound(id) }
        return live.status.snapshot
    }

    // MARK: ending

    /// Begins to close a session; it is gone within the conversation's close limit.
    /// - Throws: `session.not_found`.
    package func close(_ id: String, reason: CloseReason = .admin) throws(SyrinxError) {
        guard let live = state.withLock({ $0.live[id] }) else { throw Self.notFound(id) }
        close(live, reason)
    }

    private func close(_ live: Live, _ reason: CloseReason) {
        live.loop.execute { live.session.value.session?.submit(.close(reason)) }
    }

    /// Takes no new sessions from now on.
    package func beginDraining() { state.withLock { $0.draining = true } }
    package func cancelDraining() {
        state.withLock { state in
            state.draining = false
            state.cutting = false
        }
    }

    /// Waits for all sessions to end by themselves, then closes what is left. May be called again with a shorter
    /// deadline while an earlier call waits.
    /// - Returns: how many had to be closed, by this call or another.
    package func drain(deadline: Duration) async -> Int {
        beginDraining()
        if deadline > .zero, await waitUntilEmpty(for: deadline) { return state.withLock(\.forced) }
        let left = state.withLock { state in
            state.cutting = true
            state.forced += state.live.count
            return Array(state.live.values)
        }
        for live in left { close(live, .drained) }
        _ = await waitUntilEmpty(for: Self.closeGrace)
        return state.withLock(\.forced)
    }

    /// - Returns: false when sessions were left at the end of the time.
    private func waitUntilEmpty(for limit: Duration) async -> Bool {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        var clock: Task<Void, Never>?
        defer { clock?.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isEmpty = state.withLock { state in
                    if state.reserved > 0 { state.waiters[id] = continuation }
                    return state.reserved == 0
                }
                guard !isEmpty else { return continuation.resume(returning: true) }
                if Task.isCancelled { resume(waiter: id, isEmpty: false) }
                clock = Task {
                    try? await Task.sleep(for: limit)
                    resume(waiter: id, isEmpty: false)
                }
            }
        } onCancel: {
            resume(waiter: id, isEmpty: false)
        }
    }

    private func resume(waiter: Int, isEmpty: Bool) {
        state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: isEmpty)
    }

    private static func notFound(_ id: String) -> SyrinxError {
        SyrinxError("session.not_found", "there is no session `\(id)`", fix: "`GET /v1/sessions` lists the live ones")
    }
}

/// What an application adds to a session beyond its profile.
package struct SessionExtras {
    package var agent: (any AgentLink)?
    package var tools: [String: ToolHandler] = [:]
    package var toolDescriptions: [ToolDescription] = []
    package var processors: [any AudioProcessor] = []
    package var recorder: (any CallRecorder)?

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
private final class WeakCall {
    private(set) weak var session: CallSession?

    init(_ session: CallSession) { self.session = session }
}
