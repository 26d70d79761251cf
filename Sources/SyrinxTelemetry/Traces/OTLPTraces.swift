// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Spans as OTLP/HTTP wants them in JSON: identifiers in hexadecimal, 64-bit numbers as strings.
package enum OTLPTraces {
    package static let contentType = "application/json"

    /// - Parameter resource: what all spans have in common, `service.name`.
    package static func request(_ spans: [FinishedSpan], resource: SpanAttributes) -> String {
        var json = JSONWriter()
        json.object { json in
            // One resource, one scope.
            json.array("resourceSpans", [spans]) { json, spans in
                json.object { json in
                    json.object("resource") { write(resource, to: &$0) }
                    json.array("scopeSpans", [spans]) { json, spans in write(scope: spans, to: &json) }
                }
            }
        }
        return json.text
    }

    private static func write(scope spans: [FinishedSpan], to json: inout JSONWriter) {
        json.object { json in
            json.object("scope") {
                $0.member("name", "syrinx")
                $0.member("version", SyrinxVersion.current)
            }
            json.array("spans", spans) { json, span in json.object { write(span, to: &$0) } }
        }
    }

    private static func write(_ span: FinishedSpan, to json: inout JSONWriter) {
        let open = span.open
        json.member("traceId", open.context.trace.description)
        json.member("spanId", open.context.span.description)
        if let parent = open.parent { json.member("parentSpanId", parent.description) }
        if let state = open.context.state { json.member("traceState", state.text) }
        json.member("flags", 1)
        json.member("name", open.name)
        json.member("kind", open.kind.rawValue)
        json.member("startTimeUnixNano", String(open.start))
        json.member("endTimeUnixNano", String(span.end))
        write(open.attributes, to: &json)
        json.object("status") { status in
            guard let failure = span.failure else { return }
            status.member("code", 2)
            status.member("message", failure)
        }
        guard !open.links.isEmpty else { return }
        json.array("links", open.links.prefix(maximumLinks)) { json, link in json.object { write(link, to: &$0) } }
    }

    private static let maximumLinks = 8

    private static func write(_ link: SpanContext, to json: inout JSONWriter) {
        json.member("traceId", link.trace.description)
        json.member("spanId", link.span.description)
    }

    private static func write(_ attributes: SpanAttributes, to json: inout JSONWriter) {
        json.array("attributes", attributes.entries) { json, entry in
            json.object { json in
                json.member("key", entry.key)
                json.object("value") { write(entry.value, to: &$0) }
            }
        }
    }

    private static func write(_ value: SpanAttributes.Value, to json: inout JSONWriter) {
        switch value {
        case .text(let text): json.member("stringValue", text)
        case .whole(let number): json.member("intValue", String(number))
        case .number(let number): json.member("doubleValue", number)
        case .flag(let flag): json.member("boolValue", flag)
        }
    }
}
