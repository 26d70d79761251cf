// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore
package import SyrinxTelemetry

/// Counts one session.
package final class MetricsObserver: CallObserver, CallListener {
    private let metrics: VoiceMetrics
    private let audio: AudioMeter
    private let target: Duration
    private let onSlow: (Duration) -> Void
    private var call: CallFacts?
    /// The last turn that was typed: nobody recognised it.
    private var typedTurn: Int?
    private var frameSamples = 320

    /// - Parameters:
    ///   - target: response latency that is worth a warning; zero = none.
    ///   - onSlow: told each turn that was slower.
    package init(metrics: VoiceMetrics, tenant: String, target: Duration, onSlow: @escaping (Duration) -> Void) {
        self.metrics = metrics
        self.target = target
        self.onSlow = onSlow
        audio = metrics.audioMeter(tenant: tenant)
    }

    // MARK: frames

    package func caller(_ bytes: UnsafeRawBufferPointer, at now: Instant) {
        audio.received(Self.duration(bytes.count / 2, of: frameSamples))
    }

    package func agent(_ samples: UnsafeBufferPointer<Int16>, at now: Instant) { audio.sent() }
    package func cleared(at now: Instant) {}
    package func ended(at now: Instant) {}

    private static func duration(_ samples: Int, of frame: Int) -> Duration {
        .nanoseconds(Int64(samples) * 20_000_000 / Int64(max(1, frame)))
    }

    // MARK: events

    package func began(_ call: CallFacts) {
        self.call = call
        frameSamples = call.request.rate / 50
        metrics.sessionStarted(tenant: call.request.tenant, profile: call.request.profile)
    }

    package func noted(_ event: SessionEvent, at now: Instant) {
        guard let call else { return }
        let tenant = call.request.tenant
        switch event {
        case .turnCommitted(let turn, _, _, let source, _): if source == .text { typedTurn = turn }
        case .turnEnded(let report): turnEnded(report, call)
        case .interruptionConfirmed(_, let latency): metrics.interrupted(tenant: tenant, stopped: latency)
        case .interruptionFalse: metrics.interruptedFalsely(tenant: tenant)
        case .toolCalled: metrics.toolsCalled(tenant: tenant)
        case .pipelineSwitched(let pipeline, let reason):
            self.call?.pipeline = pipeline
            metrics.pipelineSwitched(tenant: tenant, reason: reason.rawValue)
        case .languageChanged(_, _, let source): metrics.languageChanged(tenant: tenant, source: source.rawValue)
        default: break
        }
    }

    private func turnEnded(_ report: TurnReport, _ call: CallFacts) {
        let latency = SyrinxTelemetry.TurnLatency(report.timeline)
        metrics.turnEnded(
            tenant: call.request.tenant, outcome: report.outcome.rawValue, failure: report.failure, latency: latency)
        let isModel = call.pipeline == .s2s
        // A model hears, thinks and speaks in one.
        let steps =
            isModel
            ? [("s2s", latency.agent)]
            : [("stt", report.turn == typedTurn ? nil : latency.stt), ("agent", latency.agent), ("tts", latency.tts)]
        for (kind, time) in steps {
            guard let time, let provider = call.providers[kind] else { continue }
            metrics.providerAnswered(kind: kind, provider: provider, after: time)
        }
        guard target > .zero, let response = latency.response, response > target else { return }
        metrics.latencyTargetMissed(tenant: call.request.tenant)
        onSlow(response)
    }

    package func served(kind: String, by provider: String) { call?.providers[kind] = provider }

    package func failed(kind: String, provider: String, code: String) {
        metrics.providerAnswered(kind: kind, provider: provider, after: nil, error: code)
    }

    package func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant) {
        guard let call else { return }
        let tenant = call.request.tenant
        if usage.counters.underruns > 0 { audio.wasLate(frames: usage.counters.underruns) }
        if let voice = call.providers["tts"], usage.spokenCharacters > 0 {
            metrics.synthesised(tenant: tenant, provider: voice, characters: usage.spokenCharacters)
        }
        for (kind, counts) in usage.hedges {
            metrics.hedged(tenant: tenant, kind: kind, result: "won", count: counts.won)
            metrics.hedged(tenant: tenant, kind: kind, result: "lost", count: counts.lost)
            metrics.hedged(tenant: tenant, kind: kind, result: "failed", count: counts.failed)
        }
        metrics.tokensUsed(tenant: tenant, input: usage.inputTokens, output: usage.outputTokens)
        metrics.sessionEnded(tenant: tenant, reason: reason, after: now - call.begunAt)
    }
}

extension SyrinxTelemetry.TurnLatency {
    init(_ timeline: TurnTimeline) {
        let runtime = SyrinxRuntime.TurnLatency(timeline)
        let steps = Dictionary(runtime.steps.map { ($0.name, $0.duration) }) { first, _ in first }
        self.init(
            endpointing: steps["end_of_turn"], stt: steps["transcript"], agent: steps["agent_first_token"],
            tts: steps["tts_first_byte"], response: timeline.firstAudio == nil ? nil : runtime.total)
    }
}
