// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore
package import SyrinxHost
package import SyrinxTelemetry

/// The trace of one session, from before its stages open: a request may be the first thing that they do.
package final class CallTrace: SessionTrace {
    /// A turn's span is written when it ends; until then it has but a name, for what is asked in it.
    struct Turn {
        let context: SpanContext
        let openedAt: Instant
        /// Some request's span has it as its parent.
        var isNamed = false
    }

    let tracer: Tracer
    let session: OpenSpan
    let clock: CallClock
    private let turn = Mutex<Turn?>(nil)

    /// - Parameters:
    ///   - parent: of the caller's `traceparent`.
    ///   - now: when the session begins.
    package init(_ tracer: Tracer, session id: String, of request: CallRequest, parent: SpanContext?, at now: Instant) {
        self.tracer = tracer
        clock = CallClock(begunAt: now)
        session = tracer.beginSession(
            id, tenant: request.tenant, profile: request.profile, parent: parent, at: clock.wallAtBegin)
    }

    /// Of the session's span.
    package var context: SpanContext { session.context }
    package var traceparent: String { context.traceparent }

    /// From here on requests belong to a turn; nothing if one is under way.
    func openTurn(at now: Instant) {
        turn.withLock { if $0 == nil { $0 = Turn(context: tracer.reserve(in: session.context), openedAt: now) } }
    }

    /// The turn that was under way; from here on requests belong to none.
    func takeTurn() -> Turn? {
        turn.withLock { turn in
            defer { turn = nil }
            return turn
        }
    }

    // MARK: requests of plugins, from any thread

    package func began(_ request: RequestFacts, at now: Instant) -> RequestSpan {
        let turn = turn.withLock { turn in
            turn?.isNamed = true
            return turn?.context
        }
        let attributes: SpanAttributes = [
            "syrinx.stage": .text(request.stage), "syrinx.provider": .text(request.provider),
            "http.request.method": .text(request.method), "server.address": .text(request.host),
            "server.port": .whole(Int64(request.port)), "url.full": .text(request.url),
        ]
        let span = tracer.begin(
            "\(request.method) \(request.provider)", kind: .client, in: turn ?? context, attributes: attributes,
            at: clock.nanoseconds(now))
        return RequestSpan(headers: Self.headers(span.context)) { [tracer, clock] outcome, now in
            tracer.end(
                span, at: clock.nanoseconds(now), failure: outcome.isAborted ? nil : outcome.failure,
                attributes: Self.attributes(outcome))
        }
    }

    private static func headers(_ context: SpanContext) -> [(name: String, value: String)] {
        var headers = [(name: "traceparent", value: context.traceparent)]
        if let state = context.tracestate { headers.append((name: "tracestate", value: state)) }
        return headers
    }

    private static func attributes(_ outcome: RequestOutcome) -> SpanAttributes {
        var attributes = SpanAttributes()
        attributes["http.response.status_code"] = outcome.status.map { .whole(Int64($0)) }
        guard let failure = outcome.failure else { return attributes }
        attributes["error.type"] = .text(failure)
        attributes["syrinx.retryable"] = .flag(outcome.isRetryable)
        return attributes
    }
}
