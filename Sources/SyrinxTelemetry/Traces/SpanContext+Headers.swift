// SPDX-License-Identifier: Apache-2.0

extension SpanContext {
    /// From the headers of a stranger's request (W3C Trace Context 3.2, 3.3). What is not exactly right is no context:
    /// a trace begins anew. A wrong `tracestate` does not spoil a right `traceparent`.
    package init?(traceparent: String, tracestate: String? = nil) {
        let bytes = Array(traceparent.utf8)
        guard bytes.count >= Self.length, bytes.count <= Self.longest,
            [2, 35, 52].allSatisfy({ bytes[$0] == Self.dash }),
            let version = Hex.value(bytes[0..<2]), version != 0xFF,
            let high = Hex.value(bytes[3..<19]), let low = Hex.value(bytes[19..<35]),
            let parent = Hex.value(bytes[36..<52]), let flags = Hex.value(bytes[53..<55]),
            let trace = TraceID(high: high, low: low), let span = SpanID(parent)
        else { return nil }
        // Version 00 has no more; a later one may go on behind a dash.
        guard bytes.count == Self.length || (version > 0 && bytes[Self.length] == Self.dash) else { return nil }
        self.init(
            trace: trace, span: span, isSampled: flags & 1 == 1, state: tracestate.flatMap { TraceState(parsing: $0) })
    }

    /// The header `traceparent` for what this span calls.
    package var traceparent: String { "00-\(trace)-\(span)-\(isSampled ? "01" : "00")" }

    /// The header `tracestate`, where there is one.
    package var tracestate: String? { state?.text }

    private static let length = 55
    private static let longest = 256
    private static let dash = UInt8(ascii: "-")
}
