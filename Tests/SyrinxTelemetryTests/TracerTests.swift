// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxTelemetry

@Suite(.tags(.unit)) struct TracerTests {
    private let buffer = SpanBuffer()

    private func tracer(sample: Double = 1, keepsContent: Bool = false) -> Tracer {
        Tracer(buffer: buffer, options: Tracer.Options(sample: sample, keepsContent: keepsContent))
    }

    private func finished() -> [FinishedSpan] { buffer.take(atMost: .max) }

    @Test func `stages belong to a turn, turns to a session, the session to its caller's span`() throws {
        let tracer = tracer()
        let caller = try #require(
            SpanContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "a=1"))
        let session = tracer.beginSession("s1", tenant: "acme", profile: "p", parent: caller, at: 10)
        let turn = tracer.beginTurn(1, in: session, at: 20)
        tracer.stage("stt", provider: "pocketsphinx@1", in: turn, from: 21, to: 25)
        tracer.stage("agent", provider: "echo@1", in: turn, from: 25, to: 30, failure: "provider.timeout")
        tracer.endTurn(turn, outcome: "failed", failure: "provider.timeout", at: 31)
        tracer.endSession(session, reason: "user_hangup", at: 40)
        let spans = finished()
        #expect(spans.map(\.open.name) == ["stt", "agent", "turn", "session"])
        #expect(spans.allSatisfy { $0.open.context.trace == caller.trace })
        #expect(spans.map(\.open.parent) == [turn.context.span, turn.context.span, session.context.span, caller.span])
        #expect(Set(spans.map(\.open.context.span)).count == 4)
        #expect(session.context.traceparent.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-"))
        #expect(turn.context.tracestate == "a=1")
        #expect(spans[1].open.attributes["error.type"] == "provider.timeout")
        #expect(spans[1].open.attributes["gen_ai.provider.name"] == "echo@1")
    }

    @Test func `the share is kept, and a trace is whole or not there at all`() {
        let tracer = tracer(sample: 0.25)
        for number in 0..<4000 {
            let session = tracer.beginSession("s\(number)", tenant: "t", profile: "p", at: 0)
            let turn = tracer.beginTurn(1, in: session, at: 0)
            #expect(turn.context.isSampled == session.context.isSampled)
            if number < 1000 {
                tracer.endTurn(turn, outcome: "answered", at: 1)
                tracer.endSession(session, reason: "admin", at: 1)
            }
        }
        let spans = finished()
        #expect((300...700).contains(spans.count))
        let traces = Dictionary(grouping: spans, by: \.open.context.trace)
        #expect(traces.values.allSatisfy { $0.count == 2 })
    }

    @Test func `a stranger may keep a trace out, but not in`() throws {
        let unwanted = try #require(
            SpanContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"))
        var wanted = unwanted
        wanted.isSampled = true
        #expect(!tracer().beginRoot("x", parent: unwanted, at: 0).context.isSampled)
        #expect(tracer().beginRoot("x", parent: wanted, at: 0).context.isSampled)
        #expect(!tracer(sample: 0).beginRoot("x", parent: wanted, at: 0).context.isSampled)
    }

    @Test func `what people said is left out unless it is asked for`() {
        for keeps in [false, true] {
            let tracer = tracer(keepsContent: keeps)
            let span = tracer.beginRoot("x", attributes: ["syrinx.pii.text": "my secret", "piiless": "ok"], at: 0)
            tracer.end(span, at: 1, attributes: ["pii": "me"])
            let kept = finished().map(\.open.attributes.count)
            #expect(kept == [keeps ? 3 : 1])
        }
    }

    @Test func `a secret in an attribute does not leave`() {
        let options = Tracer.Options(redactor: Redactor(secrets: ["canary-0f3a9c77"]))
        let tracer = Tracer(buffer: buffer, options: options)
        let span = tracer.beginRoot("x", attributes: ["a": "got canary-0f3a9c77", "n": 7], at: 0)
        tracer.end(span, at: 1, failure: "canary-0f3a9c77")
        let body = OTLPTraces.request(finished(), resource: [:])
        #expect(body.contains("got [redacted]") && !body.contains("canary"))
    }

    @Test func `attributes are bounded in number, key and text`() {
        var attributes = SpanAttributes()
        for number in 0..<100 { attributes["k\(number)"] = 1 }
        #expect(attributes.count == 32)
        attributes["k1"] = .text(String(repeating: "é", count: 200) + "x")
        #expect(attributes["k1"] == .text(String(repeating: "é", count: 128)))
        attributes["k1"] = nil
        attributes[String(repeating: "k", count: 65)] = 1
        #expect(attributes.count == 31)
    }

    @Test func `a clock that was set back makes no negative span`() {
        let tracer = tracer()
        tracer.end(tracer.beginRoot("x", at: 100), at: 50)
        #expect(finished().map(\.end) == [100])
    }

    @Test func `a full buffer drops the newest and counts it`() {
        let buffer = SpanBuffer(capacity: 2)
        let tracer = Tracer(buffer: buffer)
        for name in ["a", "b", "c"] { tracer.end(tracer.beginRoot(name, at: 0), at: 1) }
        #expect(buffer.counts.dropped == 1)
        let taken = buffer.take(atMost: 1)
        tracer.end(tracer.beginRoot("d", at: 0), at: 1)
        buffer.giveBack(taken)
        #expect(buffer.counts.dropped == 2)
        #expect(buffer.take(atMost: 9).map(\.open.name) == ["b", "d"])
    }

    @Test func `the request is what OTLP wants`() throws {
        let numbers = NumberList([1, 2, 3, 0, 4])
        let tracer = Tracer(buffer: buffer, random: { numbers.next() })
        var session = tracer.beginRoot("session", at: 1_700_000_000_000_000_001)
        session.links = [session.context]
        tracer.stage("tts", in: session, from: 5, to: 9, failure: "a.b", attributes: ["n": 3, "d": 0.5, "f": true])
        tracer.end(session, at: 1_700_000_000_000_000_009)
        let request = try JSONValue(
            parsing: OTLPTraces.request(finished(), resource: ["service.name": "syrinx"]))
        let resource = request["resourceSpans"]?[0]
        #expect(
            resource?["resource"]?.text
                == #"{"attributes":[{"key":"service.name","value":{"stringValue":"syrinx"}}]}"#)
        let spans = resource?["scopeSpans"]?[0]?["spans"]
        #expect(
            spans?[0]?.text == #"""
                {"attributes":[{"key":"d","value":{"doubleValue":0.5}},{"key":"error.type","value":{"stringValue":"a.b"}},{"key":"f","value":{"boolValue":true}},{"key":"n","value":{"intValue":"3"}},{"key":"syrinx.stage","value":{"stringValue":"tts"}}],"endTimeUnixNano":"9","flags":1,"kind":1,"name":"tts","parentSpanId":"0000000000000003","spanId":"0000000000000004","startTimeUnixNano":"5","status":{"code":2,"message":"a.b"},"traceId":"00000000000000010000000000000002"}
                """#)
        #expect(
            spans?[1]?.text == #"""
                {"attributes":[],"endTimeUnixNano":"1700000000000000009","flags":1,"kind":2,"links":[{"spanId":"0000000000000003","traceId":"00000000000000010000000000000002"}],"name":"session","spanId":"0000000000000003","startTimeUnixNano":"1700000000000000001","status":{},"traceId":"00000000000000010000000000000002"}
                """#)
    }
}
