// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxStore
internal import SyrinxTelemetry

/// Writes one session's record, turn by turn.
final class RecordObserver: CallObserver {
    private let store: RecordStore
    private let details: CallDetails
    private var session = ""
    private var clock = CallClock(begunAt: .zero)
    private var lastTurnEnd: Instant = .zero

    init(store: RecordStore, details: CallDetails) {
        self.store = store
        self.details = details
    }

    func began(_ call: CallFacts) {
        session = call.id
        clock = CallClock(begunAt: call.begunAt)
        lastTurnEnd = call.begunAt
        store.begin(start(of: call, clock))
    }

    /// The same for a recording, which must know its file before.
    func start(of call: CallFacts, _ clock: CallClock) -> SessionStart {
        SessionStart(
            id: call.id, tenant: call.request.tenant, user: call.request.user.isEmpty ? nil : call.request.user,
            profile: call.request.profile, providers: call.providers, traceparent: details.trace?.traceparent,
            peer: details.peer, startedAt: clock.milliseconds(call.begunAt), policy: details.tenant.records)
    }

    func noted(_ event: SessionEvent, at now: Instant) {
        guard case .turnEnded(let report) = event else { return }
        let latency = SyrinxRuntime.TurnLatency(report.timeline)
        var steps = Dictionary(latency.steps.map { ($0.name, $0.duration.milliseconds) }) { first, _ in first }
        if let total = latency.total { steps["total"] = total.milliseconds }
        store.turn(
            TurnRecord(
                session: session, number: report.turn, user: report.user, heard: report.heard,
                outcome: report.outcome.rawValue, failure: report.failure, steps: steps,
                usage: ["answer_characters": Int64(report.agent.count)],
                startedAt: clock.milliseconds(report.timeline.speechEnd ?? lastTurnEnd),
                endedAt: clock.milliseconds(now)))
        lastTurnEnd = now
    }

    func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant) {
        store.end(
            SessionEnd(
                session: session, reason: reason.rawValue, endedAt: clock.milliseconds(now),
                totals: SessionTotals(usage)))
    }
}

extension SessionTotals {
    init(_ usage: CallUsage) {
        self.init()
        turns = Int64(usage.counters.turns)
        callerAudio = usage.callerAudio.nanoseconds / 1_000_000
        agentAudio = usage.agentAudio.nanoseconds / 1_000_000
        characters = Int64(usage.spokenCharacters)
        toolCalls = Int64(usage.toolCalls)
    }
}
