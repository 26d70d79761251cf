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
    /// In ms since 1970: the record's, and that of the recording, whose place has it.
    let startedAt: Int64
    private let clock: CallClock
    private var session = ""
    private var lastTurnEnd: Instant = .zero
    private var changes = 0
    private var words = KeptWords()

    /// - Parameter now: the session is about to begin.
    init(store: RecordStore, details: CallDetails, at now: Instant) {
        self.store = store
        self.details = details
        clock = CallClock(begunAt: now)
        startedAt = clock.milliseconds(now)
    }

    func began(_ call: CallFacts) {
        session = call.id
        lastTurnEnd = call.begunAt
        store.begin(
            SessionStart(
                id: call.id, tenant: call.request.tenant, user: call.request.user.isEmpty ? nil : call.request.user,
                profile: call.request.profile, providers: call.providers, traceparent: details.trace?.traceparent,
                peer: details.peer, startedAt: startedAt, policy: details.tenant.records))
    }

    func noted(_ event: SessionEvent, at now: Instant) {
        let keepsWords = words.note(event)
        switch event {
        case .turnEnded(let report): note(report, keepsWords: keepsWords, at: now)
        case .pipelineSwitched(let pipeline, let reason):
            // There are two to go between.
            let old: Pipeline = pipeline == .s2s ? .cascade : .s2s
            note(.pipeline, from: old.rawValue, to: pipeline.rawValue, cause: reason.rawValue, at: now)
        case .languageChanged(let language, let old, let source):
            note(.language, from: old, to: language, cause: source.rawValue, at: now)
        default: break
        }
    }

    private func note(
        _ subject: ChangeRecord.Subject, from: String, to: String, cause: String, at now: Instant
    ) {
        guard changes < ChangeRecord.limit else { return }
        changes += 1
        store.change(
            ChangeRecord(
                session: session, number: changes, subject: subject, from: from, to: to, cause: cause,
                at: clock.milliseconds(now)))
    }

    private func note(_ report: TurnReport, keepsWords: Bool, at now: Instant) {
        let redaction = details.tenant.redaction
        let latency = SyrinxRuntime.TurnLatency(report.timeline)
        var steps = Dictionary(latency.steps.map { ($0.name, $0.duration.milliseconds) }) { first, _ in first }
        if let total = latency.total { steps["total"] = total.milliseconds }
        store.turn(
            TurnRecord(
                session: session, number: report.turn, user: keepsWords ? redaction.redacted(report.user) : nil,
                heard: keepsWords ? redaction.redacted(report.heard) : nil,
                outcome: report.outcome.rawValue, failure: report.failure, steps: steps,
                usage: ["answer_characters": Int64(report.agent.count)],
                startedAt: clock.milliseconds(report.timeline.speechEnd ?? lastTurnEnd),
                endedAt: clock.milliseconds(now)))
        lastTurnEnd = now
    }

    func wordsPaused(_ isPaused: Bool, at now: Instant) { words.pause(isPaused) }

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
        inputTokens = usage.inputTokens
        outputTokens = usage.outputTokens
        toolCalls = Int64(usage.toolCalls)
    }
}
