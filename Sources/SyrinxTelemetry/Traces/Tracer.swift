// SPDX-License-Identifier: Apache-2.0

/// Begins and ends spans; those that are sampled go into a buffer when they end. Thread-safe, never waits. Times are
/// the caller's, in nanoseconds since 1970.
package final class Tracer: Sendable {
    package struct Options: Sendable {
        /// The share of traces that is recorded, 0 to 1.
        package var sample: Double
        /// Whether attributes with the segment `pii` are kept: what people said.
        package var keepsContent: Bool

        /// Takes secrets out of what attributes say.
        package var redactor: Redactor?

        package init(sample: Double = 1, keepsContent: Bool = false, redactor: Redactor? = nil) {
            self.sample = sample
            self.keepsContent = keepsContent
            self.redactor = redactor
        }
    }

    package let buffer: SpanBuffer
    private let options: Options
    private let random: @Sendable () -> UInt64

    /// - Parameter random: any numbers; zero is asked again.
    package init(
        buffer: SpanBuffer = SpanBuffer(), options: Options = Options(),
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 1...UInt64.max) }
    ) {
        self.buffer = buffer
        self.options = options
        self.random = random
    }

    /// The first span of ours. With a stranger's context it continues their trace; whether it is recorded they may
    /// deny, but not demand: our share holds, by the trace's id, so that systems of one share keep the same traces.
    package func beginRoot(
        _ name: String, kind: SpanKind = .server, parent: SpanContext? = nil, attributes: SpanAttributes = [:],
        at start: Int64
    ) -> OpenSpan {
        let trace = parent?.trace ?? newTrace()
        let isSampled = parent?.isSampled != false && isInShare(trace)
        let context = SpanContext(trace: trace, span: newSpan(), isSampled: isSampled, state: parent?.state)
        return OpenSpan(
            context: context, parent: parent?.span, name: name, kind: kind, start: start, attributes: attributes)
    }

    package func begin(
        _ name: String, kind: SpanKind = .internal, in parent: OpenSpan, attributes: SpanAttributes = [:],
        at start: Int64
    ) -> OpenSpan {
        begin(name, kind: kind, in: parent.context, attributes: attributes, at: start)
    }

    /// - Parameter reserved: what `reserve` gave for it.
    package func begin(
        _ name: String, kind: SpanKind = .internal, in parent: SpanContext, as reserved: SpanContext? = nil,
        attributes: SpanAttributes = [:], at start: Int64
    ) -> OpenSpan {
        OpenSpan(
            context: reserved ?? reserve(in: parent), parent: parent.span, name: name, kind: kind, start: start,
            attributes: attributes)
    }

    /// The context of a span that begins later, for what names it before.
    package func reserve(in parent: SpanContext) -> SpanContext {
        var context = parent
        context.span = newSpan()
        return context
    }

    /// - Parameter failure: the error code, where it failed.
    package func end(_ span: OpenSpan, at end: Int64, failure: String? = nil, attributes: SpanAttributes = [:]) {
        guard span.context.isSampled else { return }
        var span = span
        span.attributes.merge(attributes)
        if let failure { span.attributes["error.type"] = .text(failure) }
        if !options.keepsContent { span.attributes.removeContent() }
        var failure = failure
        if let redactor = options.redactor {
            span.attributes.redact(by: redactor)
            failure = failure.map(redactor.redacted)
        }
        // A clock that was set back makes no span of negative length.
        buffer.add(FinishedSpan(open: span, end: max(span.start, end), failure: failure))
    }

    /// By the trace id's last 56 bits, which are to be random (W3C Trace Context 2, OpenTelemetry's consistent
    /// sampling).
    private func isInShare(_ trace: TraceID) -> Bool {
        if options.sample >= 1 { return true }
        guard options.sample > 0 else { return false }
        let number = trace.low & 0x00FF_FFFF_FFFF_FFFF
        return Double(number) >= (1 - options.sample) * 0x1p56
    }

    private func newTrace() -> TraceID {
        while true {
            if let trace = TraceID(high: random(), low: random()) { return trace }
        }
    }

    private func newSpan() -> SpanID {
        while true {
            if let span = SpanID(random()) { return span }
        }
    }
}
