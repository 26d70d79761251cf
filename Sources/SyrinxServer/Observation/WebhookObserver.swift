// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxTelemetry

/// Tells a tenant's webhooks of one session. Words go out only where the tenant keeps transcripts.
final class WebhookObserver: CallObserver {
    private let hub: WebhookHub
    private let tellsWords: Bool
    private var clock = CallClock(begunAt: .zero)
    private var call: CallFacts?

    init(hub: WebhookHub, tellsWords: Bool) {
        self.hub = hub
        self.tellsWords = tellsWords
    }

    func began(_ call: CallFacts) {
        self.call = call
        clock = CallClock(begunAt: call.begunAt)
        hub.send(WebhookEvent.sessionStarted, tenant: call.request.tenant, at: clock.wallAtBegin) {
            .object(facts(call))
        }
    }

    func noted(_ event: SessionEvent, at now: Instant) {
        guard case .turnEnded(let report) = event, let call else { return }
        hub.send(WebhookEvent.turnEnded, tenant: call.request.tenant, at: clock.nanoseconds(now)) {
            var fields = facts(call)
            fields["turn"] = .int(Int64(report.turn))
            fields["outcome"] = .string(report.outcome.rawValue)
            fields["failure"] = report.failure.map(JSONValue.string) ?? .null
            if tellsWords {
                fields["user_text"] = .string(report.user)
                fields["heard"] = .string(report.heard)
            }
            return .object(fields)
        }
    }

    func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant) {
        guard let call else { return }
        hub.send(WebhookEvent.sessionEnded, tenant: call.request.tenant, at: clock.nanoseconds(now)) {
            var fields = facts(call)
            fields["reason"] = .string(reason.rawValue)
            fields["duration_ms"] = .int((now - call.begunAt).nanoseconds / 1_000_000)
            fields["turns"] = .int(Int64(usage.counters.turns))
            fields["characters"] = .int(Int64(usage.spokenCharacters))
            return .object(fields)
        }
    }

    private func facts(_ call: CallFacts) -> [String: JSONValue] {
        [
            "session": .string(call.id), "profile": .string(call.request.profile), "user": .string(call.request.user),
        ]
    }
}
