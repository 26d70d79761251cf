// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// The trace that one session belongs to: gets a span for each request that its plugins make. Thread-safe. Nil wherever
/// it may stand = nobody traces, and nothing is done.
package protocol SessionTrace: AnyObject, Sendable {
    /// W3C Trace Context of the session, for plugins that tell others by themselves.
    var traceparent: String { get }
    /// A request or the handshake of a WebSocket begins.
    func began(_ request: RequestFacts, at now: Instant) -> RequestSpan
}

/// What may be told of a request: no header, no query, no body.
package struct RequestFacts: Sendable {
    /// `stt`
    package let stage: String
    /// `deepgram@1.0.0`
    package let provider: String
    package let method: String
    package let host: String
    package let port: Int
    /// Without the query.
    package let url: String

    package init(stage: String, provider: String, method: String, url: NetworkURL) {
        self.stage = stage
        self.provider = provider
        self.method = method
        host = url.host
        port = url.port
        self.url = url.origin + url.target.prefix { $0 != "?" }
    }
}

/// A request's place in the trace.
package struct RequestSpan: Sendable {
    /// What tells the other side of it: `traceparent`, and `tracestate` where there is one.
    package let headers: [(name: String, value: String)]
    package let end: @Sendable (RequestOutcome, Instant) -> Void

    package init(
        headers: [(name: String, value: String)], end: @escaping @Sendable (RequestOutcome, Instant) -> Void
    ) {
        self.headers = headers
        self.end = end
    }
}

/// How a request ended.
package struct RequestOutcome: Sendable, Equatable {
    /// HTTP's; 101 of a WebSocket that opened; nil = there was no answer.
    package var status: Int?
    /// A ``NetworkFailure/Kind``, the status of an answer that says no, or the code that a socket was closed with.
    package var failure: String?
    /// Whether the same may succeed later.
    package var isRetryable = false
    /// This side did not want it any more, which is nobody's fault.
    package var isAborted = false

    package init(status: Int? = nil, failure: String? = nil, isRetryable: Bool = false, isAborted: Bool = false) {
        self.status = status
        self.failure = failure
        self.isRetryable = isRetryable
        self.isAborted = isAborted
    }
}
