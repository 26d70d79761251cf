// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxStore
internal import SyrinxTelemetry

/// Tells a tenant's webhooks of one session. Words go out only where the tenant keeps transcripts.
final class WebhookObserver: CallObserver {
    private let hub: WebhookHub
    private let tellsWords: Bool
    private let redaction: WordRedaction
    private var clock = CallClock(begunAt: .zero)
    private var call: CallFacts?
    private var words = KeptWords()

    init(hub: WebhookHub, tenant: TenantPolicy) {
        self.hub = hub
        tellsWords = tenant.records.transcripts
        redaction = tenant.redaction
    }

    func began(_ call: CallFacts) {
        self.call = call
        clock = CallClock(begunAt: call.begunAt)
        hub.send(
            WebhookEvent.sessionStarted, tenant: call.request.tenant, about: subject(of: call), at: clock.wallAtBegin
        ) {
            .object(facts(call))
        }
    }

    func noted(_ event: SessionEvent, at now: Instant) {
        let tellsWords = words.note(event) && tellsWords
        guard case .turnEnded(let report) = event, let call else { return }
        hub.send(
            WebhookEvent.turnEnded, tenant: call.request.tenant, about: subject(of: call), at: clock.nanoseconds(now)
        ) {
            var fields = facts(call)
            fields["turn"] = .int(Int64(report.turn))
            fields["outcome"] = .string(report.outcome.rawValue)
            fields["failure"] = report.failure.map(JSONValue.string) ?? .null
            if tellsWords {
                fields["user_text"] = .string(redaction.redacted(report.user))
                fields["heard"] = .string(redaction.redacted(report.heard))
            }
            return .object(fields)
        }
    }

    func wordsPaused(_ isPaused: Bool, at now: Instant) { words.pause(isPaused) }

    func ended(_ reason: CloseReason, usage: CallUsage, at now: Instant) {
        guard let call else { return }
        hub.send(
            WebhookEvent.sessionEnded, tenant: call.request.tenant, about: subject(of: call), at: clock.nanoseconds(now)
        ) {
            var fields = facts(call)
            fields["reason"] = .string(reason.rawValue)
            fields["duration_ms"] = .int((now - call.begunAt).nanoseconds / 1_000_000)
            fields["turns"] = .int(Int64(usage.counters.turns))
            fields["characters"] = .int(Int64(usage.spokenCharacters))
            return .object(fields)
        }
    }

    private func subject(of call: CallFacts) -> WebhookEvent.Subject {
        WebhookEvent.Subject(session: call.id, user: call.request.user)
    }

    /// The end of a session that had none, from its record.
    static func tell(_ hub: WebhookHub, ofCrashed record: SessionRecord) {
        let endedAt = record.endedAt ?? record.startedAt
        let user = record.user ?? ""
        hub.send(
            WebhookEvent.sessionEnded, tenant: record.tenant, about: .init(session: record.id, user: user),
            at: endedAt.multipliedReportingOverflow(by: 1_000_000).partialValue
        ) {
            [
                "session": .string(record.id), "profile": .string(record.profile), "user": .string(user),
                "reason": .string(record.reason ?? "host_crashed"),
                "duration_ms": .int(max(0, endedAt.subtractingReportingOverflow(record.startedAt).partialValue)),
                "turns": .int(record.totals.turns), "characters": .int(record.totals.characters),
            ]
        }
    }

    private func facts(_ call: CallFacts) -> [String: JSONValue] {
        [
            "session": .string(call.id), "profile": .string(call.request.profile), "user": .string(call.request.user),
        ]
    }
}
