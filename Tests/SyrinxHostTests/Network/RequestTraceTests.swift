// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

/// What the other side of a plugin's request, and the trace, learn of each other.
@Suite("Requests of traced sessions") struct RequestTraceTests {
    private let trace = FakeTrace()

    private func headers(_ bench: NetworkBench) -> [String] {
        (bench.exchange?.request.headers ?? []).map { "\($0.name): \($0.value)" }
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always], ["get", "socket"])
    func `the other side is told of the trace`(_ isolation: PluginLoading.Isolation, _ word: String) throws {
        let bench = try NetworkBench(isolation, trace: trace)
        defer { bench.end() }
        bench.ask(word)
        #expect(
            headers(bench) == [
                "authorization: Token canary-1", "x-plain: yes", "traceparent: request-1", "tracestate: a=1",
            ])
        bench.ask("traceparent")
        #expect(bench.told.last == "session")
    }

    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `without a trace nothing is told`(_ isolation: PluginLoading.Isolation) throws {
        let bench = try NetworkBench(isolation)
        defer { bench.end() }
        bench.ask("get")
        #expect(headers(bench) == ["authorization: Token canary-1", "x-plain: yes"])
        bench.ask("traceparent")
        #expect(bench.told.last == "")
    }

    @Test func `a plugin that names a trace itself is not overruled`() throws {
        let bench = try NetworkBench(.never, trace: trace)
        defer { bench.end() }
        bench.ask("own trace")
        #expect(
            headers(bench).dropFirst(2)
                == ["traceparent: 00-11111111111111111111111111111111-2222222222222222-00"])
        #expect(trace.began.count == 1)
    }

    @Test func `the trace learns where a request went, no secret and no query`() throws {
        let bench = try NetworkBench(.never, trace: trace)
        defer { bench.end() }
        bench.ask("https://api.example.com/v1/talk?key=canary-2")
        let facts = try #require(trace.began.first)
        #expect(facts.url == "https://api.example.com/v1/talk" && facts.host == "api.example.com" && facts.port == 443)
        #expect(facts.provider == "network@1.0.0" && facts.stage == "agent" && facts.method == "GET")
        #expect(!"\(trace.began)".contains("canary"))
    }

    @Test(
        arguments: [
            (.head(status: 200, headers: []), nil, RequestOutcome(status: 200)),
            (.head(status: 429, headers: []), nil, RequestOutcome(status: 429, failure: "429", isRetryable: true)),
            (nil, .noSuchHost, RequestOutcome(failure: "no_such_host", isRetryable: true)),
            (nil, .tls, RequestOutcome(failure: "tls")),
            (nil, .aborted, RequestOutcome(failure: "aborted", isAborted: true)),
        ] as [(NetworkEvent?, NetworkFailure.Kind?, RequestOutcome)])
    func `the trace learns how a request ended, once`(
        _ head: NetworkEvent?, _ failure: NetworkFailure.Kind?, _ expected: RequestOutcome
    ) throws {
        let bench = try NetworkBench(.never, trace: trace)
        bench.ask("get")
        if let head { bench.answer(head) }
        #expect(trace.ended.isEmpty)
        bench.answer(.finished(NetworkEnd(failure: failure.map { NetworkFailure($0, "no luck") })))
        bench.end()
        #expect(trace.ended == [expected])
    }

    @Test func `the trace learns how a socket ended, also with its session`() throws {
        let bench = try NetworkBench(.never, trace: trace)
        bench.ask("socket")
        bench.answer(.opened(subprotocol: "", headers: []))
        var end = NetworkEnd()
        end.closeCode = 1011
        bench.answer(.finished(end))
        bench.ask("get")
        bench.end()
        #expect(
            trace.ended == [
                RequestOutcome(status: 101, failure: "1011", isRetryable: true),
                RequestOutcome(failure: "aborted", isAborted: true),
            ])
    }
}

private final class FakeTrace: SessionTrace {
    private let state = Mutex<(began: [RequestFacts], ended: [RequestOutcome])>(([], []))

    let traceparent = "session"
    var began: [RequestFacts] { state.withLock(\.began) }
    var ended: [RequestOutcome] { state.withLock(\.ended) }

    func began(_ request: RequestFacts, at now: Instant) -> RequestSpan {
        let number = state.withLock { state in
            state.began.append(request)
            return state.began.count
        }
        return RequestSpan(headers: [("traceparent", "request-\(number)"), ("tracestate", "a=1")]) { outcome, _ in
            self.state.withLock { $0.ended.append(outcome) }
        }
    }
}
