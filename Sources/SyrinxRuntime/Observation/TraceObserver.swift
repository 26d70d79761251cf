// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore
package import SyrinxTelemetry

/// Spans of one session: the session, its turns, and the steps of each.
package final class TraceObserver: CallObserver {
    private let tracer: Tracer
    private let parent: SpanContext?
    private var clock = CallClock(begunAt: .zero)
    private var call: CallFacts?
    private var session: OpenSpan?
    private var lastTurnEnd: Instant = .zero

    package init(tracer: Tracer, parent: SpanContext?) {
        self.tracer = tracer
        self.parent = parent
    }

    /// Of the session's span; nil before it began.
    package var context: SpanContext? { session?.context }

    package func began(_ call: CallFacts) {
        self.call = call
        clock = CallClock(begunAt: call.begunAt)
        lastTurnEnd = call.begunAt
        session = tracer.beginSession(
            call.id, tenant: call.request.tenant, profile: call.request.profile, parent: parent,
            at: clock.wallAtBegin)
    }

    package func noted(_ event: SessionEvent, at now: Instant) {
        guard case .turnEnded(let report) = event, let session else { return }
        let start = report.timeline.speechEnd ?? lastTurnEnd
        let turn = tracer.beginTurn(report.turn, in: session, at: clock.nanoseconds(start))
        stages(report.timeline, from: start, in: turn)
        tracer.endTurn(turn, outcome: report.outcome.rawValue, failure: report.failure, at: clock.nanoseconds(now))
        lastTurnEnd = now
    }

    /// Each from the end of the one before, as far as they were.
    private func stages(_ timeline: TurnTimeline, from start: Instant, in turn: OpenSpan) {
        let steps: [(name: String, kind: String?, end: Instant?)] = [
            ("endpointing", nil, timeline.turnDecided), ("stt", "stt", timeline.finalTranscript),
            ("agent", "agent", timeline.firstToken), ("tts", "tts", timeline.firstSpeechByte),
        ]
        var last = start
        for step in steps {
            guard let end = step.end, end > last else { continue }
            tracer.stage(
                step.name, provider: step.kind.flatMap { call?.providers[$0] }, in: turn,
                from: clock.nanoseconds(last), to: clock.nanoseconds(end))
            last = end
        }
    }

    package func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant) {
        guard let session else { return }
        tracer.endSession(
            session, reason: reason.rawValue, at: clock.nanoseconds(now),
            attributes: ["syrinx.turns": .whole(Int64(usage.counters.turns))])
    }
}
