// SPDX-License-Identifier: Apache-2.0

/// Session, turn, stage: the three levels of a voice trace.
extension Tracer {
    /// - Parameter parent: from the caller's `traceparent`.
    package func beginSession(
        _ id: String, tenant: String, profile: String, parent: SpanContext? = nil, at start: Int64
    ) -> OpenSpan {
        let attributes: SpanAttributes = [
            "syrinx.session": .text(id), "syrinx.tenant": .text(tenant), "syrinx.profile": .text(profile),
            "gen_ai.conversation.id": .text(id),
        ]
        return beginRoot("session", parent: parent, attributes: attributes, at: start)
    }

    /// - Parameter reason: why it was closed, one of our words.
    package func endSession(_ span: OpenSpan, reason: String, at end: Int64, attributes: SpanAttributes = [:]) {
        var all: SpanAttributes = ["syrinx.reason": .text(reason)]
        all.merge(attributes)
        self.end(span, at: end, attributes: all)
    }

    /// - Parameters:
    ///   - number: nil for one that came to nothing.
    ///   - reserved: its context, where something has named it already.
    package func beginTurn(
        _ number: Int?, in session: OpenSpan, as reserved: SpanContext? = nil, at start: Int64
    ) -> OpenSpan {
        var attributes = SpanAttributes()
        attributes["syrinx.turn"] = number.map { .whole(Int64($0)) }
        return begin("turn", in: session.context, as: reserved, attributes: attributes, at: start)
    }

    /// - Parameter outcome: `answered`, `interrupted`, `failed`, `none`.
    package func endTurn(
        _ span: OpenSpan, outcome: String, failure: String? = nil, at end: Int64, attributes: SpanAttributes = [:]
    ) {
        var all: SpanAttributes = ["syrinx.outcome": .text(outcome)]
        all.merge(attributes)
        self.end(span, at: end, failure: failure, attributes: all)
    }

    /// A step of a turn that is over: `endpointing`, `stt`, `agent`, `tts`, `tool`.
    /// - Parameter provider: `flite@1.0.0`; nil where the host did it itself.
    package func stage(
        _ name: String, provider: String? = nil, in turn: OpenSpan, from start: Int64, to end: Int64,
        failure: String? = nil, attributes: SpanAttributes = [:]
    ) {
        guard turn.context.isSampled else { return }
        var all: SpanAttributes = ["syrinx.stage": .text(name)]
        if let provider { all["syrinx.provider"] = .text(provider) }
        if name == "agent" {
            all["gen_ai.operation.name"] = "chat"
            if let provider { all["gen_ai.provider.name"] = .text(provider) }
        }
        all.merge(attributes)
        let kind = provider == nil ? SpanKind.internal : .client
        self.end(begin(name, kind: kind, in: turn, attributes: all, at: start), at: end, failure: failure)
    }
}
