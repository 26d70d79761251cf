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

    struct Entry: Sendable, Equatable {
        let key: String
        var value: Value
    }

    /// In the order of their keys. They are few, and made anew for every span: a dictionary would cost more than it finds.
    private(set) var entries: [Entry] = []

    package static let maximumCount = 32
    package static let maximumKeyBytes = 64
    package static let maximumTextBytes = 256

    package init() {}

    package init(dictionaryLiteral elements: (String, Value)...) {
        for (key, value) in elements { self[key] = value }
    }

    package var count: Int { entries.count }

    package subscript(key: String) -> Value? {
        get {
            let place = place(of: key)
            return isKey(key, at: place) ? entries[place].value : nil
        }
        set {
            guard key.utf8.count <= Self.maximumKeyBytes else { return }
            let place = place(of: key)
            switch (isKey(key, at: place), newValue) {
            case (true, let value?): entries[place].value = Self.bounded(value)
            case (true, nil): entries.remove(at: place)
            case (false, let value?) where count < Self.maximumCount:
                entries.insert(Entry(key: key, value: Self.bounded(value)), at: place)
            case (false, _): break
            }
        }
    }

    package mutating func merge(_ others: SpanAttributes) {
        for entry in others.entries { self[entry.key] = entry.value }
    }

    mutating func removeContent() { entries.removeAll { Self.isContent($0.key) } }

    mutating func redact(by redactor: Redactor) {
        for index in entries.indices {
            if case .text(let text) = entries[index].value { entries[index].value = .text(redactor.redacted(text)) }
        }
    }

    /// Where the key is, or would be.
    private func place(of key: String) -> Int { entries.firstIndex { $0.key >= key } ?? entries.endIndex }

    private func isKey(_ key: String, at place: Int) -> Bool { place < count && entries[place].key == key }

    /// Whether what people said stands under this key.
    private static func isContent(_ key: String) -> Bool {
        key.utf8.split(separator: UInt8(ascii: ".")).contains { $0.elementsEqual("pii".utf8) }
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
