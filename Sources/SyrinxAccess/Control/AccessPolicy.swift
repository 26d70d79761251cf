// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Who may do what, as it was written: plain texts, checked when an ``AccessControl`` is made of it.
package struct AccessPolicy: Sendable {
    package struct Key: Sendable {
        package var name: String
        /// `sha256:<64 hex>` of the whole key.
        package var hash: String
        /// Words of ``Scope``; of no meaning for operators.
        package var scopes: [String]
        package var expires: UnixTime?

        package init(name: String, hash: String, scopes: [String] = [], expires: UnixTime? = nil) {
            self.name = name
            self.hash = hash
            self.scopes = scopes
            self.expires = expires
        }
    }

    package struct SignedTokens: Sendable, CustomStringConvertible {
        /// The `kid` of the tokens.
        package var name: String
        /// A word of ``JWTAlgorithm``.
        package var algorithm: String
        /// PEM, or the secret of HS256.
        package var key: String
        package var issuer: String
        package var audience: String
        package var maxLifetime: Duration?

        package init(
            name: String, algorithm: String, key: String, issuer: String, audience: String, maxLifetime: Duration? = nil
        ) {
            self.name = name
            self.algorithm = algorithm
            self.key = key
            self.issuer = issuer
            self.audience = audience
            self.maxLifetime = maxLifetime
        }

        /// Without the key: that of HS256 is a secret.
        package var description: String { "\(name) (\(algorithm))" }
    }

    package struct Tenant: Sendable {
        package var id: String
        package var keys: [Key]
        package var signedTokens: [SignedTokens]
        package var hosts: [String]
        package var numbers: [String]
        package var paths: [String]

        package init(
            id: String, keys: [Key] = [], signedTokens: [SignedTokens] = [], hosts: [String] = [],
            numbers: [String] = [], paths: [String] = []
        ) {
            self.id = id
            self.keys = keys
            self.signedTokens = signedTokens
            self.hosts = hosts
            self.numbers = numbers
            self.paths = paths
        }

        /// Whether it asks for no credential, and so is there on loopback only.
        package var isOpen: Bool { keys.isEmpty && signedTokens.isEmpty }
    }

    package var tenants: [Tenant]
    package var operators: [Key]

    package init(tenants: [Tenant] = [Tenant(id: Self.defaultTenant)], operators: [Key] = []) {
        self.tenants = tenants
        self.operators = operators
    }

    /// The tenant of a server that has none configured.
    package static let defaultTenant = "default"
}

/// Everything that is wrong with a policy. Each has its place, `tenants.acme.keys.web.hash`.
package struct AccessPolicyFaults: Error, Sendable, Hashable {
    package var faults: [SyrinxError]
}
