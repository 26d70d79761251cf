// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime
internal import SyrinxTelemetry

/// A voice backend: holds spoken conversations for many callers at once, within limits. Made by
/// ``VoiceBackends/make(_:config:hooks:)``.
///
/// `start()` opens the providers, `createSession(_:)` takes a place and opens a session on them, `stop(drain:)` lets the
/// live sessions end. Thread-safe; no call blocks its thread.
public final class VoiceBackend: Sendable {
    struct State {
        var machine = BackendStateMachine()
        var generation: Generation
        var sessions: [String: VoiceSession] = [:]
        var closed = RecentIDs()
        var metrics = BackendMetrics()
        var stopping: Task<Int, Never>?
    }

    let host: PluginHost
    let manager: SessionManager
    let hooks: Hooks
    let gate = Gate()
    let voiceMetrics = VoiceMetrics()
    let logger = Logger(label: "syrinx.backend")
    let state: Mutex<State>

    init(config: Config, hooks: Hooks, host: PluginHost) throws(VoiceBackendError) {
        _ = try host.registry.find(config.provider, of: .backend, "make")
        try (config.rangeIssues + config.pipelineIssues(host.registry)).throwIfAny("make")
        self.host = host
        self.hooks = hooks
        manager = SessionManager(host: host, group: SharedRuntime.group, limits: config.limits)
        state = Mutex(State(generation: Generation(number: 1, config: config)))
    }

    // MARK: life

    /// Opens the providers: models are loaded, which may take seconds. A failure that may pass is tried again
    /// ``Config/maxRetries`` times.
    /// - Throws: ``VoiceBackendError`` `invalid_state` when it was started or stopped before, `connection_failed`,
    ///   `connection_timeout`, `authentication_failed`, `invalid_config`, `pipeline_error` for a provider that does not
    ///   open: ``start()`` may then be called again.
    public func start() async throws(VoiceBackendError) {
        let config = try change { state throws(VoiceBackendError) in
            try state.machine.start()
            return state.generation.config
        }
        do throws(VoiceBackendError) {
            let prepared = try await prepare(config, "start") { self.state.withLock { $0.machine.retry() } }
            let isWanted = state.withLock { state in
                state.generation.prepared = prepared
                return state.machine.started(successfully: true)
            }
            guard isWanted else { throw VoiceBackendError("start", .draining, "the backend was stopped meanwhile") }
            log(config, "backend started", ["provider": "\(config.provider)"])
        } catch {
            _ = state.withLock { $0.machine.started(successfully: false) }
            throw error
        }
    }

    /// Refuses new sessions from now on, lets live ones end by themselves, closes the rest at the deadline, and only then
    /// closes the providers. May be called in any state and as often as you like; all calls wait for the first one's end.
    /// - Parameter drain: how long live sessions may go on; zero closes them now.
    /// - Returns: how many sessions had to be closed.
    @discardableResult
    public func stop(drain: Duration = .seconds(30)) async -> Int {
        let task = state.withLock { state in
            if let running = state.stopping { return running }
            state.machine.drain()
            manager.beginDraining()
            let task = Task { await self.drainAndClose(drain) }
            state.stopping = task
            return task
        }
        return await task.value
    }

    private func drainAndClose(_ deadline: Duration) async -> Int {
        let closed = await manager.drain(deadline: deadline)
        await gate.close()
        // Sessions that began to be created before the drain, and ended up behind its deadline.
        let late = manager.activeCount > 0 ? await manager.drain(deadline: .zero) : 0
        let host = host
        _ = try? await SharedRuntime.blocking { host.close() }
        state.withLock { $0.machine.stop() }
        let forced = max(closed, late)
        log(config, "backend stopped", ["closed": "\(forced)"])
        return forced
    }

    // MARK: looking

    /// The configuration that new sessions get.
    public var config: Config { state.withLock(\.generation.config) }

    /// How the backend stands to its providers.
    public var connectionState: ConnectionState { state.withLock(\.machine.connectionState) }

    /// How many places are taken, by sessions and by those just being created.
    public var activeSessionCount: Int { manager.activeCount }

    /// The same and more, as Prometheus reads it (text format 0.0.4): sessions, turns, latency by step, audio, providers.
    /// For the answer to a scrape.
    public var metricsText: String { voiceMetrics.text() }

    /// What the backend has done so far; all zero unless ``Config/enableMetrics``.
    public var metrics: BackendMetrics { state.withLock(\.metrics) }

    // MARK: changing

    /// Replaces the configuration. Its providers are opened first; then new sessions get it. Live ones keep theirs, and a
    /// lower limit closes none of them. Providers of earlier configurations stay open until the backend stops.
    /// - Throws: ``VoiceBackendError`` `invalid_config` with every problem; `invalid_state` once the backend is stopping,
    ///   or to change `provider` or `plugin_folders`, which takes another backend; what ``start()`` throws for a provider
    ///   that does not open. The old configuration then stays.
    public func updateConfig(_ new: Config) async throws(VoiceBackendError) {
        let operation = "updateConfig"
        let old = config
        guard new.provider == old.provider, new.pluginFolders == old.pluginFolders else {
            throw VoiceBackendError(
                operation, .invalidState,
                "provider and plugin_folders cannot change while a backend lives; make another one")
        }
        try (new.rangeIssues + new.pipelineIssues(host.registry)).throwIfAny(operation)
        let isRunning = state.withLock { $0.machine.phase == .running }
        let prepared = isRunning ? try await prepare(new, operation) {} : nil
        try change { state throws(VoiceBackendError) in
            guard state.machine.phase != .draining, state.machine.phase != .stopped else {
                throw VoiceBackendError(operation, .invalidState, "the backend is stopping")
            }
            guard prepared != nil || state.machine.phase == .created || state.machine.phase == .failed else {
                throw VoiceBackendError(
                    operation, .invalidState, "the backend is just starting; try again", isRetryable: true)
            }
            state.generation = Generation(number: state.generation.number + 1, config: new, prepared: prepared)
            manager.update(limits: new.limits)
        }
    }

    // MARK: helpers

    /// `Mutex.withLock` with errors of ours.
    func change<Result>(
        _ body: (inout State) throws(VoiceBackendError) -> Result
    ) throws(VoiceBackendError) -> Result where Result: Sendable {
        try state.withLock { state in
            do throws(VoiceBackendError) {
                return Swift.Result<Result, VoiceBackendError>.success(try body(&state))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// A library says nothing above `debug`: errors are thrown, and the application decides what is worth a line.
    func log(_ config: Config, _ message: Logger.Message, _ metadata: Logger.Metadata) {
        guard config.enableStructuredLogging else { return }
        logger.debug(message, metadata: metadata)
    }
}

extension Config {
    var limits: SessionLimits { SessionLimits(maxSessions: maxConcurrentSessions) }
}
