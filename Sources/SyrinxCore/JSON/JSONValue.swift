// SPDX-License-Identifier: Apache-2.0

/// Any JSON value.
///
/// Integers keep their 64 bits apart from doubles, so that identifiers and sample counts survive a round trip
/// unchanged.
///
/// Parse with ``init(parsing:maximumBytes:maximumDepth:)``, print with ``text``.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// The largest text taken when the caller names no limit.
    package static let defaultMaximumBytes = 1 << 20
    /// The deepest nesting taken when the caller names no limit.
    package static let defaultMaximumDepth = 32

    /// Parses exactly one JSON value (RFC 8259), stricter than the RFC where it leaves a choice: duplicate keys, lone
    /// surrogates, invalid UTF-8 and numbers beyond `Double` are refused.
    ///
    /// Throws `json.invalid` with the place as `line:column`.
    package init(
        parsing text: some StringProtocol,
        maximumBytes: Int = Self.defaultMaximumBytes,
        maximumDepth: Int = Self.defaultMaximumDepth,
        maximumValues: Int = .max
    ) throws(SyrinxError) {
        try self.init(
            parsing: text.utf8, maximumBytes: maximumBytes, maximumDepth: maximumDepth, maximumValues: maximumValues)
    }

    /// The same from bytes, which need not be valid UTF-8.
    package init(
        parsing bytes: some Collection<UInt8>,
        maximumBytes: Int = Self.defaultMaximumBytes,
        maximumDepth: Int = Self.defaultMaximumDepth,
        maximumValues: Int = .max
    ) throws(SyrinxError) {
        guard bytes.count <= maximumBytes else {
            throw SyrinxError(
                "json.invalid",
                "JSON text of \(bytes.count) bytes exceeds the limit of \(maximumBytes)",
                place: "1:1"
            )
        }
        var parser = JSONParser(bytes: Array(bytes), maximumDepth: maximumDepth, maximumValues: maximumValues)
        self = try parser.parseDocument()
    }

    /// Compact JSON with sorted keys: equal values have equal texts.
    ///
    /// A double that JSON cannot express is `null`.
    package var text: String {
        var writer = JSONWriter()
        writer.write(self)
        return writer.text
    }
}
