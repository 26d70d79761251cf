// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore
internal import SyrinxTelemetry

/// Spans of one session: the session, its turns, and the steps of each.
package final class TraceObserver: CallObserver {
    private let trace: CallTrace
    private var call: CallFacts?
    private var lastTurnEnd: Instant = .zero
    /// Changes of the pipeline and of the language, and the last of each.
    private var pipelines = (changes: 0, last: "")
    private var languages = (changes: 0, last: "")

    private var tracer: Tracer { trace.tracer }
    private var clock: CallClock { trace.clock }

    package init(_ trace: CallTrace) { self.trace = trace }

    package func began(_ call: CallFacts) {
        self.call = call
        lastTurnEnd = call.begunAt
    }

    package func noted(_ event: SessionEvent, at now: Instant) {
        switch event {
        // The recogniser's request may come before it is known whether this is a turn.
        case .userSpeechStopped, .turnCommitted: trace.openTurn(at: now)
        case .turnEnded(let report): turnEnded(report, at: now)
        case .pipelineSwitched(let pipeline, _): pipelines = (pipelines.changes + 1, pipeline.rawValue)
        case .languageChanged(let language, _, _): languages = (languages.changes + 1, language)
        default: break
        }
    }

    private func turnEnded(_ report: TurnReport, at now: Instant) {
        let start = report.timeline.speechEnd ?? lastTurnEnd
        let turn = tracer.beginTurn(
            report.turn, in: trace.session, as: trace.takeTurn()?.context, at: clock.nanoseconds(start))
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
        // Speech of which no turn came, but requests: their spans have a parent.
        if let turn = trace.takeTurn(), turn.isNamed {
            let span = tracer.beginTurn(
                nil, in: trace.session, as: turn.context, at: clock.nanoseconds(turn.openedAt))
            tracer.endTurn(span, outcome: "none", at: clock.nanoseconds(now))
        }
        var attributes: SpanAttributes = ["syrinx.turns": .whole(Int64(usage.counters.turns))]
        if pipelines.changes > 0 {
            attributes["syrinx.pipeline"] = .text(pipelines.last)
            attributes["syrinx.pipeline.switches"] = .whole(Int64(pipelines.changes))
        }
        if languages.changes > 0 {
            attributes["syrinx.language"] = .text(languages.last)
            attributes["syrinx.language.changes"] = .whole(Int64(languages.changes))
        }
        tracer.endSession(
            trace.session, reason: reason.rawValue, at: clock.nanoseconds(now), attributes: attributes)
    }
}
