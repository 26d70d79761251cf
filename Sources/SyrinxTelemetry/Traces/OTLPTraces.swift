// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Spans as OTLP/HTTP wants them in JSON: identifiers in hexadecimal, 64-bit numbers as strings.
package enum OTLPTraces {
    package static let contentType = "application/json"

    /// - Parameter resource: what all spans have in common, `service.name`.
    package static func request(_ spans: [FinishedSpan], resource: SpanAttributes) -> JSONValue {
        let scope: JSONValue = ["name": "syrinx", "version": .string(SyrinxVersion.current)]
        return [
            "resourceSpans": [
                [
                    "resource": ["attributes": json(resource)],
                    "scopeSpans": [["scope": scope, "spans": .array(spans.map(json))]],
                ]
            ]
        ]
    }

    private static func json(_ span: FinishedSpan) -> JSONValue {
        let open = span.open
        var members: [String: JSONValue] = [
            "traceId": .string(open.context.trace.description), "spanId": .string(open.context.span.description),
            "name": .string(open.name), "kind": .int(Int64(open.kind.rawValue)),
            "startTimeUnixNano": .string(String(open.start)), "endTimeUnixNano": .string(String(span.end)),
            "attributes": json(open.attributes), "flags": 1,
            "status": span.failure.map { ["code": 2, "message": .string($0)] } ?? [:],
        ]
        if let parent = open.parent { members["parentSpanId"] = .string(parent.description) }
        if let state = open.context.state { members["traceState"] = .string(state.text) }
        if !open.links.isEmpty { members["links"] = .array(open.links.prefix(maximumLinks).map(json)) }
        return .object(members)
    }

    private static let maximumLinks = 8

    private static func json(_ link: SpanContext) -> JSONValue {
        ["traceId": .string(link.trace.description), "spanId": .string(link.span.description), "attributes": []]
    }

    private static func json(_ attributes: SpanAttributes) -> JSONValue {
        .array(
            attributes.values.sorted { $0.key < $1.key }.map { key, value in
                ["key": .string(key), "value": json(value)]
            })
    }

    private static func json(_ value: SpanAttributes.Value) -> JSONValue {
        switch value {
        case .text(let text): ["stringValue": .string(text)]
        case .whole(let number): ["intValue": .string(String(number))]
        case .number(let number): ["doubleValue": .double(number)]
        case .flag(let flag): ["boolValue": .bool(flag)]
        }
    }
}
