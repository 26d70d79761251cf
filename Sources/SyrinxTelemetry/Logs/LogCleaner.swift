// SPDX-License-Identifier: Apache-2.0

internal import Logging

/// What both log handlers do to metadata.
struct LogCleaner: Sendable {
    var redactor: Redactor
    var escapesControls: Bool

    /// Their values are secrets, whatever they look like.
    private static let secretKeys: Set<String> = [
        "authorization", "proxy_authorization", "cookie", "set_cookie", "password", "passwd", "secret", "token",
        "access_token", "api_key", "apikey", "x_api_key",
    ]

    func text(_ text: String) -> String { LogText.clean(text, redactor, escapesControls: escapesControls) }

    func metadata(_ metadata: Logger.Metadata) -> Logger.Metadata {
        var clean: Logger.Metadata = [:]
        for (key, value) in metadata { clean[text(key)] = self.value(value, of: key) }
        return clean
    }

    private func value(_ value: Logger.MetadataValue, of key: String) -> Logger.MetadataValue {
        let segments = key.lowercased().split(separator: ".").map { String($0).replacing("-", with: "_") }
        if segments.contains("pii") || segments.last.map(Self.secretKeys.contains) == true {
            return .string(Redactor.replacement)
        }
        return switch value {
        case .string(let value): .string(text(value))
        case .stringConvertible(let value): .string(text(value.description))
        case .array(let values): .array(values.map { self.value($0, of: "") })
        case .dictionary(let values): .dictionary(metadata(values))
        }
    }
}
