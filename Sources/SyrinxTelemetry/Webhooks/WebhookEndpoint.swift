// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Where a tenant wants to be told of what happens.
///
/// The address comes from the operator's configuration, never from a caller, and may lie in a private network: whoever
/// writes that file decides where this host sends. It is held to http and https, and redirects are not followed.
package struct WebhookEndpoint: Sendable, Equatable {
    package let name: String
    package let tenant: String
    package let url: String
    /// Types of events.
    package let events: Set<String>
    let key: WebhookKey

    /// - Parameters:
    ///   - secret: `whsec_` and base64, or any text.
    ///   - events: none means all.
    /// - Throws: `webhook.invalid_url`, `webhook.invalid_secret`.
    package init(name: String, tenant: String, url: String, secret: String, events: [String] = []) throws(SyrinxError) {
        guard Self.isAllowed(url) else {
            throw SyrinxError(
                "webhook.invalid_url", "the webhook `\(name)` has no http or https address",
                fix: "write https://HOST/PATH, without user and password")
        }
        guard let key = WebhookKey(secret) else {
            throw SyrinxError(
                "webhook.invalid_secret", "the secret of the webhook `\(name)` is empty or no base64 behind whsec_",
                fix: "make one with: echo whsec_$(head -c 32 /dev/urandom | base64)")
        }
        self.name = name
        self.tenant = tenant
        self.url = url
        self.events = Set(events.isEmpty ? WebhookEvent.types : events)
        self.key = key
    }

    package func wants(_ type: String, of tenant: String) -> Bool { tenant == self.tenant && events.contains(type) }

    private static let maximumURL = 2048

    /// Scheme and host in printable ASCII; no user, which would end in logs.
    private static func isAllowed(_ url: String) -> Bool {
        guard url.utf8.count <= maximumURL, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }),
            let colon = url.firstRange(of: "://")
        else { return false }
        guard ["http", "https"].contains(url[..<colon.lowerBound].lowercased()) else { return false }
        let authority = url[colon.upperBound...].prefix { !"/?#".contains($0) }
        return !authority.isEmpty && !authority.contains("@") && !authority.hasPrefix(":")
    }
}
