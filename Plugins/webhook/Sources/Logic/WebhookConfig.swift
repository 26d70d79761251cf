// SPDX-License-Identifier: Apache-2.0

/// The provider's configuration.
public struct WebhookConfig: Decodable, Sendable {
    var url: String
    /// What the host puts in the secret's place; never the secret itself.
    var secret: String?
    /// The same of a bearer token.
    var bearer: String?
    var timeoutMilliseconds: UInt32?
    var fallback: String?

    private enum CodingKeys: String, CodingKey {
        case url, secret, bearer
        case timeoutMilliseconds = "timeout_ms"
        case fallback
    }

    var timeout: UInt32 { timeoutMilliseconds ?? 4_000 }
}
