// SPDX-License-Identifier: Apache-2.0

/// 16 bytes that all spans of a trace share; never all zero.
package struct TraceID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 lower-case hexadecimal digits.
    package var description: String { Hex.text(high) + Hex.text(low) }
}

/// 8 bytes that name a span in its trace; never all zero.
package struct SpanID: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt64

    package init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// 16 lower-case hexadecimal digits.
    package var description: String { Hex.text(value) }
}

/// Which span this is, as told to others (W3C Trace Context, level 1).
package struct SpanContext: Hashable, Sendable {
    package var trace: TraceID
    package var span: SpanID
    /// Whether the span is recorded.
    package var isSampled: Bool
    /// What other systems want passed on.
    package var state: TraceState?

    package init(trace: TraceID, span: SpanID, isSampled: Bool, state: TraceState? = nil) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
        self.state = state
    }
}
