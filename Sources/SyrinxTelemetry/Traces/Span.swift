// SPDX-License-Identifier: Apache-2.0

/// A span that goes on: a value that its owner keeps until it ends.
package struct OpenSpan: Sendable, Equatable {
    /// For what the span calls.
    package let context: SpanContext
    let parent: SpanID?
    let name: String
    let kind: SpanKind
    /// Nanoseconds since 1970.
    let start: Int64
    package var attributes: SpanAttributes
    /// Spans of other traces that this one has to do with; the first 8 are kept.
    package var links: [SpanContext] = []
}

/// OTLP's numbers.
package enum SpanKind: Int, Sendable { case `internal` = 1, server, client }

/// A span that is over, as it is exported.
package struct FinishedSpan: Sendable, Equatable {
    package var open: OpenSpan
    package var end: Int64
    /// The error code of a span that failed.
    package var failure: String?
}
