// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What a request may do, and as whom. Every look-up of things of a tenant goes through ``tenant``.
package struct Grant: Sendable, Hashable {
    package enum Source: String, Sendable, CaseIterable {
        /// No credential: an open tenant, on loopback.
        case open
        case apiKey = "api_key"
        case jwt
        case sessionToken = "session_token"
    }

    package var tenant: String
    package var scopes: Set<Scope>
    /// Who calls, as the one who vouches for it has said.
    package var user: String?
    /// The name of the key, in configuration and logs; nil of an open tenant.
    package var subject: String?
    package var source: Source
    /// The only profile that may be used; nil = any of the tenant's.
    package var profile: String?
    /// The longest that a session may last; nil = as the limits say.
    package var maxDuration: Duration?
    /// When the credential ends; a session that began with it may be closed then.
    package var expires: UnixTime?
    /// What the session begins with, for the door that understands it.
    package var settings: JSONValue?

    package init(
        tenant: String, scopes: Set<Scope>, user: String? = nil, subject: String? = nil, source: Source,
        profile: String? = nil, maxDuration: Duration? = nil, expires: UnixTime? = nil,
        settings: JSONValue? = nil
    ) {
        self.tenant = tenant
        self.scopes = scopes
        self.user = user
        self.subject = subject
        self.source = source
        self.profile = profile
        self.maxDuration = maxDuration
        self.expires = expires
        self.settings = settings
    }

    /// - Throws: `auth.forbidden`.
    package func require(_ scope: Scope) throws(AccessRefusal) {
        guard scopes.contains(scope) else { throw .forbidden(scope) }
    }
}

/// Someone who may operate the host. No tenant's, and of no use where a ``Grant`` is asked for.
package struct OperatorGrant: Sendable, Hashable {
    /// The name of the key; nil on a loopback listener without operators.
    package var subject: String?
    package var expires: UnixTime?
}
