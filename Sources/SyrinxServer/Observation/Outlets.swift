// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxStore
internal import SyrinxTelemetry

/// Where what happens in sessions goes: metrics, records, recordings, traces, webhooks, quotas.
final class Outlets: Sendable {
    let metrics: VoiceMetrics
    let store: RecordStore?
    let webhooks: WebhookHub
    let tracer: Tracer?
    private let exporter: TraceExporter?
    private let usage: MonthlyUsage
    private let target: Duration
    /// Whether sessions are counted.
    private let counts: Bool
    private let eventLogFolder: String?
    private let logger: Logger

    /// Opens the database. Blocks.
    /// - Throws: `store.*`.
    init(_ options: ServerOptions, usage: MonthlyUsage) throws(SyrinxError) {
        let telemetry = options.telemetry
        let poster = URLPoster()
        logger = options.logger
        metrics = VoiceMetrics(tenantLabel: telemetry.tenantLabel)
        self.usage = usage
        target = telemetry.latencyTarget
        counts = telemetry.metrics
        eventLogFolder = options.eventLogFolder
        if let traces = telemetry.traces {
            let tracer = Tracer(options: Tracer.Options(sample: traces.sample))
            let endpoint = TraceExporter.Options(endpoint: traces.endpoint, headers: traces.headers)
            exporter = TraceExporter(endpoint, buffer: tracer.buffer, poster: poster)
            self.tracer = tracer
            metrics.observe(tracer.buffer)
        } else {
            (tracer, exporter) = (nil, nil)
        }
        store = try Self.open(options.storage, options.logger)
        webhooks = WebhookOutbox.hub(store, poster: poster, options.logger)
        metrics.observe(webhooks)
        if let store { metrics.observe(store) }
        observeQueues()
        countUsage()
    }

    private func observeQueues() {
        let (store, webhooks, spans) = (store, webhooks, tracer?.buffer)
        metrics.series.host.queueDepth.observe {
            var queues = [(["webhooks"], Double(webhooks.queues.reduce(0) { $0 + $1.queue.pending }))]
            if let store { queues.append((["records"], Double(store.counters.waiting))) }
            if let spans { queues.append((["spans"], Double(spans.count))) }
            return queues
        }
    }

    /// What was used this month before the process began, also by tenants that have no limit yet.
    private func countUsage() {
        guard let store else { return }
        let now = UnixTime.current
        for (tenant, duration) in store.durationsThisMonth(now: now.milliseconds) {
            usage.add(tenant, duration, inMonthOf: now)
        }
    }

    private static func open(_ storage: StoreOptions?, _ logger: Logger) throws(SyrinxError) -> RecordStore? {
        guard let storage else { return nil }
        let store = try RecordStore(storage, hostRun: SessionID.random(), now: CallClock.wall() / 1_000_000) { signal in
            StoreLog(logger: logger).note(signal)
        }
        if store.crashedSessions > 0 {
            logger.warning("sessions of a crashed run closed", metadata: ["sessions": "\(store.crashedSessions)"])
        }
        return store
    }

    // MARK: one session

    /// What is to watch a session that is about to begin.
    func extras(_ call: Admission, _ details: CallDetails, now: Instant) -> SessionExtras {
        var extras = SessionExtras()
        let id = call.id
        extras.observers = [UsageObserver(usage)]
        if counts {
            let metrics = counter(of: call)
            extras.observers.append(metrics)
            extras.listeners.append(metrics)
        }
        if let store {
            let record = RecordObserver(store: store, details: details, at: now)
            extras.observers.append(record)
            if let recording = recording(of: call, details, store, from: record.startedAt, now) {
                extras.listeners.append(recording)
            }
        }
        let trace = tracer.map {
            CallTrace($0, session: id, of: call.request, parent: details.trace, at: now)
        }
        extras.trace = trace
        if let trace { extras.observers.append(TraceObserver(trace)) }
        extras.observers.append(LogObserver(logger, trace: trace))
        extras.observers.append(WebhookObserver(hub: webhooks, tenant: details.tenant))
        if let eventLogFolder, details.tenant.keepsEventLog {
            extras.recorder = EventLogFile(folder: eventLogFolder, session: id, logger: logger)
        }
        return extras
    }

    private func counter(of call: Admission) -> MetricsObserver {
        let id = call.id
        return MetricsObserver(
            metrics: metrics, tenant: call.request.tenant, target: target,
            onSlow: { [logger] latency in
                logger.warning(
                    "slow answer",
                    metadata: ["syrinx.session": "\(id)", "latency_ms": "\(Int(latency.milliseconds))"])
            })
    }

    private func recording(
        of call: Admission, _ details: CallDetails, _ store: RecordStore, from startedAt: Int64, _ now: Instant
    ) -> RecordingListener? {
        let start = SessionStart(
            id: call.id, tenant: call.request.tenant, profile: call.request.profile, startedAt: startedAt,
            policy: details.tenant.records)
        guard let file = store.recordingFile(for: start) else { return nil }
        let (id, metrics, logger) = (call.id, metrics, logger)
        return RecordingListener(
            RecordingWriter(file: file, rate: call.request.rate, at: now) { result in
                store.recording(result, of: id)
                metrics.recordingEnded(result.reason.rawValue)
                guard result.reason != .finished else { return }
                logger.warning(
                    "recording ended", metadata: ["session": "\(id)", "reason": "\(result.reason.rawValue)"])
            })
    }

    /// Who is to be told from now on.
    func apply(_ policy: ServerPolicy) { webhooks.apply(policy.tenants.values.flatMap(\.webhooks)) }

    /// At the start, when the endpoints are known: sessions that a crash ended have ended for them, too.
    func tellOfCrash() {
        for record in store?.crashed.records ?? [] { WebhookObserver.tell(webhooks, ofCrashed: record) }
    }

    /// Nothing more is told of somebody who wants to be forgotten.
    func forget(tenant: String, user: String) { webhooks.forget(tenant: tenant) { $0.user == user } }
    func forget(tenant: String, session: String) { webhooks.forget(tenant: tenant) { $0.session == session } }

    /// - Parameter policy: the one that was taken over; nil = it was refused.
    func reloaded(_ policy: ServerPolicy?) {
        metrics.reloaded(policy == nil ? "refused" : "applied")
        if let policy { apply(policy) }
    }

    /// A session that was not let in.
    /// - Parameter tenant: empty for a stranger.
    func refused(_ error: any Error, tenant: String) {
        metrics.sessionRefused(tenant: tenant, code: (error as? SyrinxError)?.code ?? "server.internal")
    }

    /// The database of records did not answer.
    func noted(_ error: SyrinxError) {
        logger.warning(
            "records cannot be read", metadata: ["code": "\(error.code)", "error": "\(error)"])
    }

    // MARK: the life of the server

    /// Sends and purges until its task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            if let exporter { tasks.addTask { await exporter.run() } }
            guard let store else { return }
            tasks.addTask { [webhooks, logger] in
                await RecordKeeping(store: store, webhooks: webhooks, logger: logger).run()
            }
            guard store.isShared else { return }
            tasks.addTask { [webhooks, logger] in await WebhookOutbox.adopt(store, for: webhooks, logger) }
        }
    }

    /// Writes and sends what waits. After the last session.
    func stop() async {
        let pending = await webhooks.stop(within: .seconds(3))
        if pending > 0 {
            let message = store == nil ? "webhook events were not delivered" : "webhook events wait for the next start"
            logger.warning("\(message)", metadata: ["events": "\(pending)"])
        }
        if let exporter { await exporter.flush(within: .seconds(3)) }
        await RecordingWriter.settle()
        await store?.close(now: CallClock.wall() / 1_000_000)
    }
}

/// What an operator should hear of the database.
private struct StoreLog {
    let logger: Logger

    func note(_ signal: StoreSignal) {
        switch signal {
        case .dropping(let total):
            logger.error("records are dropped: the disk is too slow", metadata: ["dropped": "\(total)"])
        case .failing(let error): logger.error("records wait", metadata: ["error": "\(error)"])
        case .recovered: logger.notice("records are written again")
        case .setAside(let name): logger.error("a damaged database was set aside", metadata: ["name": "\(name)"])
        }
    }
}

extension VoiceMetrics {
    /// Counts of records are read from the store.
    func observe(_ store: RecordStore) {
        let outlets = series.outlets
        outlets.recordsWritten.observe(value: { Double(store.counters.written) })
        outlets.recordsDropped.observe(value: { Double(store.counters.dropped) })
        outlets.recordsErrors.observe(value: { Double(store.counters.failures.values.reduce(0, +)) })
        outlets.recordsQueue.observe(value: { Double(store.counters.waiting) })
    }
}
