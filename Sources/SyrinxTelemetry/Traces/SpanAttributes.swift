// SPDX-License-Identifier: Apache-2.0

/// Words about a span. Bounded: what is too much is left out or cut.
///
/// A key with the segment `pii` holds what somebody said or who they are (`syrinx.pii.text`); such are kept only where
/// the tracer is told to.
package struct SpanAttributes: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    package enum Value: Sendable, Equatable {
        case text(String)
        case whole(Int64)
        case number(Double)
        case flag(Bool)
    }

    package private(set) var values: [String: Value] = [:]

    package static let maximumCount = 32
    package static let maximumKeyBytes = 64
    package static let maximumTextBytes = 256

    package init() {}

    package init(dictionaryLiteral elements: (String, Value)...) {
        for (key, value) in elements { self[key] = value }
    }

    package subscript(key: String) -> Value? {
        get { values[key] }
        set {
            guard key.utf8.count <= Self.maximumKeyBytes else { return }
            guard newValue == nil || values[key] != nil || values.count < Self.maximumCount else { return }
            values[key] = newValue.map(Self.bounded)
        }
    }

    package mutating func merge(_ others: SpanAttributes) {
        for (key, value) in others.values.sorted(by: { $0.key < $1.key }) { self[key] = value }
    }

    /// Without what people said.
    var withoutContent: SpanAttributes {
        var rest = self
        rest.values = values.filter { !$0.key.split(separator: ".").contains("pii") }
        return rest
    }

    mutating func redact(by redactor: Redactor) {
        values = values.mapValues { value in
            guard case .text(let text) = value else { return value }
            return .text(redactor.redacted(text))
        }
    }

    private static func bounded(_ value: Value) -> Value {
        guard case .text(let text) = value, text.utf8.count > maximumTextBytes else { return value }
        // Whole characters: half of one would not be UTF-8.
        var end = text.startIndex
        while let next = text.index(end, offsetBy: 1, limitedBy: text.endIndex),
            text.utf8.distance(from: text.startIndex, to: next) <= maximumTextBytes, next != end
        { end = next }
        return .text(String(text[..<end]))
    }
}

extension SpanAttributes.Value: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .whole(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
}
