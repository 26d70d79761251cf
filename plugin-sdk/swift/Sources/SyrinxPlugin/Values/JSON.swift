// SPDX-License-Identifier: Apache-2.0
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The type of a configuration or of session options that has no keys.
public struct NoOptions: Codable, Hashable, Sendable {
    /// The only value.
    public init() {}
}

/// Reading JSON that came over the ABI.
public enum JSON {
    /// Decodes `json`; the empty text counts as an empty object.
    ///
    /// - Parameters:
    ///   - type: What to decode.
    ///   - json: An object as text.
    ///   - label: What the text is, for the error: "config", "options".
    /// - Returns: The decoded value.
    /// - Throws: ``PluginError`` with ``Status/invalid`` that names the key at fault.
    public static func decode<Value: Decodable>(
        _ type: Value.Type,
        from json: String,
        label: String = "json"
    ) throws(PluginError) -> Value {
        let bytes = Data((json.isEmpty ? "{}" : json).utf8)
        do {
            return try JSONDecoder().decode(type, from: bytes)
        } catch let error as DecodingError {
            throw .invalid(explain(error, label))
        } catch {
            throw .invalid("\(label) is not valid JSON")
        }
    }

    private static func explain(_ error: DecodingError, _ label: String) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "\(label): '\(path(context, key))' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(label): '\(path(context))' has the wrong type"
        case .dataCorrupted(let context):
            "\(label): '\(path(context))': \(context.debugDescription)"
        @unknown default:
            "\(label) cannot be decoded"
        }
    }

    private static func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
        (context.codingPath + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
    }
}
