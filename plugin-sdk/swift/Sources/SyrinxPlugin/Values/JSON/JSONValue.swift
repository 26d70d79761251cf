// SPDX-License-Identifier: Apache-2.0

/// Any JSON value.
///
/// For what a vendor answers and for what the host hands on (schemas, history): parse with
/// ``init(parsing:maximumBytes:maximumDepth:)``, print with ``text``. Integers keep their 64 bits apart from doubles.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case int(Int64)
    /// Any other number; one beyond Double's range is the largest that there is.
    case double(Double)
    /// A text.
    case string(String)
    /// Elements in their order.
    case array([JSONValue])
    /// Members without an order.
    case object([String: JSONValue])

    /// The longest text taken when the caller names no limit, in bytes.
    public static let defaultMaximumBytes = 4 << 20
    /// The deepest nesting taken when the caller names no limit.
    public static let defaultMaximumDepth = 64

    /// Parses exactly one JSON value (RFC 8259).
    ///
    /// Lenient where that loses nothing: of equal keys the last counts, broken UTF-8 and halves of surrogate pairs read
    /// as U+FFFD, numbers beyond Double's range as the largest.
    ///
    /// - Throws: ``PluginError`` with ``Status/invalid`` and the place in bytes.
    public init(
        parsing text: some StringProtocol,
        maximumBytes: Int = Self.defaultMaximumBytes,
        maximumDepth: Int = Self.defaultMaximumDepth
    ) throws(PluginError) {
        try self.init(parsing: Array(text.utf8), maximumBytes: maximumBytes, maximumDepth: maximumDepth)
    }

    /// The same from bytes.
    public init(
        parsing bytes: [UInt8],
        maximumBytes: Int = Self.defaultMaximumBytes,
        maximumDepth: Int = Self.defaultMaximumDepth
    ) throws(PluginError) {
        guard bytes.count <= maximumBytes else {
            throw .invalid("JSON of \(bytes.count) bytes exceeds the limit of \(maximumBytes)")
        }
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
        self = try parser.parseDocument()
    }

    /// Compact JSON with sorted keys: equal values have equal texts. A double that JSON cannot express is `null`.
    public var text: String {
        var writer = JSONWriter()
        writer.write(self)
        return writer.text
    }
}
