// SPDX-License-Identifier: Apache-2.0

import SyrinxTelemetry
import Testing

@Suite(.tags(.unit)) struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    @Test func `a right header is read and written again`() throws {
        let header = "00-\(Self.trace)-\(Self.span)-01"
        let context = try #require(SpanContext(traceparent: header, tracestate: "a=1"))
        #expect(context.trace.description == Self.trace)
        #expect(context.span.description == Self.span)
        #expect(context.isSampled)
        #expect(context.traceparent == header)
        #expect(context.tracestate == "a=1")
    }

    @Test(arguments: [("00", false), ("01", true), ("02", false), ("ff", true)])
    func `only the flag for sampling is looked at`(flags: String, sampled: Bool) {
        let context = SpanContext(traceparent: "00-\(Self.trace)-\(Self.span)-\(flags)")
        #expect(context?.isSampled == sampled)
        #expect(context?.traceparent.suffix(3) == (sampled ? "-01" : "-00"))
    }

    @Test func `a later version may say more`() {
        #expect(SpanContext(traceparent: "cc-\(Self.trace)-\(Self.span)-01") != nil)
        #expect(SpanContext(traceparent: "cc-\(Self.trace)-\(Self.span)-01-what-the-future-brings") != nil)
        #expect(SpanContext(traceparent: "cc-\(Self.trace)-\(Self.span)-01.what") == nil)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-0", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-001",
        "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-more", "ff-\(trace)-\(span)-01", "0-\(trace)-\(span)-01",
        "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span.uppercased())-01", "00-\(trace)-\(span)-0x",
        "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01", "00_\(trace)-\(span)-01",
        "00-\(trace)-\(span)_01", " 00-\(trace)-\(span)-01", "00-\(trace)-\(span)-01 ", "00-\(trace)é\(span)-01",
        "0G-\(trace)-\(span)-01", "00-+af7651916cd43dd8448eb211c80319c-\(span)-01",
        "cc-\(trace)-\(span)-01-" + String(repeating: "x", count: 300),
    ])
    func `a wrong header is no context`(header: String) {
        #expect(SpanContext(traceparent: header) == nil)
    }

    @Test func `no bytes of a stranger trap`() {
        var generator = SplitMix64(seed: 4)
        let good = Array("00-\(Self.trace)-\(Self.span)-01".utf8)
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let context = SpanContext(traceparent: text, tracestate: text) else { continue }
            #expect(SpanContext(traceparent: context.traceparent)?.trace == context.trace)
        }
    }

    @Test(arguments: [
        ("a=1", "a=1"), ("a=1,b=2", "a=1,b=2"), (" a=1 ,\t,b=2\t,", "a=1,b=2"),
        ("fw529a3039@dt=x y", "fw529a3039@dt=x y"),
        ("a_-*/0=!~", "a_-*/0=!~"),
    ])
    func `a tracestate is passed on`(header: String, text: String) {
        #expect(TraceState(parsing: header)?.text == text)
    }

    @Test(arguments: [
        "", ",", "a", "=1", "A=1", "a=", "a=1,a=2", "a=1=2", "a=é", "1a=1", "a@1=2", "a@b@c=1", "@a=1", "a@=1",
        "a=\u{7}",
        "a=1;b=2,c d=1", (0..<33).map { "k\($0)=1" }.joined(separator: ","), "a=" + String(repeating: "x", count: 257),
        String(repeating: "k", count: 257) + "=1", "a=1," + String(repeating: " ", count: 9000),
    ])
    func `a malformed tracestate is dropped whole`(header: String) {
        #expect(TraceState(parsing: header) == nil)
        #expect(SpanContext(traceparent: "00-\(Self.trace)-\(Self.span)-01", tracestate: header) != nil)
    }

    @Test func `of a long tracestate long members go first, then those at the end`() {
        let long = "long=" + String(repeating: "x", count: 200)
        let short = (0..<10).map { "k\($0)=" + String(repeating: "y", count: 40) }
        let text = TraceState(parsing: ([long] + short).joined(separator: ","))?.text
        #expect(text == short.joined(separator: ","))
        let many = (0..<20).map { "k\($0)=" + String(repeating: "y", count: 40) }
        let cut = TraceState(parsing: many.joined(separator: ","))?.text
        #expect(cut == many.prefix(11).joined(separator: ","))
        #expect((cut?.utf8.count ?? 0) <= 512)
    }
}
