// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import Testing

@testable import SyrinxTelemetry

/// A call's trace goes on at the provider that a plugin asks.
@Suite("Traces of calls", .tags(.integration), .timeLimit(.minutes(1)))
struct TraceTests {
    private static let url = "https://api.example.com/v1/talk?key=canary-2"

    @Test func `a request of a plugin is a span of its turn, and tells the provider so`() async throws {
        let call = try await Blocking.run { try TracedCall() }
        let buffer = SpanBuffer()
        try await call.ask(Self.url, tracer: Tracer(buffer: buffer))
        try await call.end()
        let spans = buffer.take(atMost: .max)
        let request = try #require(spans.first { $0.open.kind == .client && $0.open.name == "GET network@1.0.0" })
        let turn = try #require(spans.first { $0.open.name == "turn" })
        let session = try #require(spans.first { $0.open.name == "session" })
        #expect(request.open.parent == turn.open.context.span && turn.open.parent == session.open.context.span)
        #expect(request.open.attributes["http.response.status_code"] == 200 && request.failure == nil)
        let asked = try #require(call.network.requests.first)
        #expect(
            asked.headers.filter { $0.name == "traceparent" }.map(\.value) == [request.open.context.traceparent])
        let exported = OTLPTraces.request(spans, resource: [:])
        #expect(exported.contains("https://api.example.com/v1/talk") && !exported.contains("canary"))
    }

    /// A recogniser asks before anybody knows whether what it heard is a turn.
    @Test func `requests for speech of which no turn came have a parent`() throws {
        let buffer = SpanBuffer()
        let trace = CallTrace(Tracer(buffer: buffer), session: "s", of: CallRequest(), parent: nil, at: .zero)
        let observer = TraceObserver(trace)
        let url = try #require(NetworkURL(Self.url))
        let facts = RequestFacts(stage: "stt", provider: "openai@1.0.0", method: "POST", url: url)
        let early = trace.began(facts, at: .zero)
        observer.noted(.userSpeechStopped, at: .zero)
        let late = trace.began(facts, at: .zero)
        early.end(RequestOutcome(status: 503, failure: "503", isRetryable: true), .zero)
        late.end(RequestOutcome(failure: "aborted", isAborted: true), .zero)
        observer.ended(.clientClosed, usage: CallUsage(), at: .zero)
        let spans = buffer.take(atMost: .max)
        #expect(spans.map(\.open.name) == ["POST openai@1.0.0", "POST openai@1.0.0", "turn", "session"])
        #expect(spans.map(\.open.parent) == [trace.context.span, spans[2].open.context.span, trace.context.span, nil])
        #expect(spans[2].open.attributes["syrinx.outcome"] == "none")
        #expect(spans.prefix(2).map(\.failure) == ["503", nil], "to be aborted is no fault")
        #expect(spans[0].open.attributes["syrinx.retryable"] == true)
        #expect(spans[1].open.attributes["error.type"] == "aborted")
    }

    @Test func `without a tracer nothing is told`() async throws {
        let call = try await Blocking.run { try TracedCall() }
        try await call.ask(Self.url, tracer: nil)
        try await call.end()
        let asked = try #require(call.network.requests.first)
        #expect(asked.headers.map(\.name) == ["authorization", "x-plain"])
    }
}
