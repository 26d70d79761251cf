// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// Tokens that let a browser open one session: `syt_<43>`. Short-lived, for one purpose, good once; made for a caller
/// that has a key, so that the key stays on its server. Thread-safe.
///
/// They are remembered, not signed. A signed token would need a set of those used beside it, as large, and could not be
/// revoked; and no token need outlive the process: it lives for minutes, and the sessions end with the process too. A
/// token is good at the host that made it.
package final class SessionTokens: Sendable {
    /// What one allows: to begin one session of this tenant, with scope `talk`.
    package struct Claims: Sendable, Hashable {
        package var tenant: String
        /// Nil: any that the tenant may use.
        package var profile: String?
        package var user: String?
        /// How long the session may last; nil: as the limits say.
        package var maxDuration: Duration?
        /// The name of the key with which it was made.
        package var mintedBy: String
        /// What the session begins with, for the door that understands it: JSON, kept as text, for many may wait.
        package var settings: String?

        package init(
            tenant: String, profile: String? = nil, user: String? = nil, maxDuration: Duration? = nil, mintedBy: String,
            settings: String? = nil
        ) {
            self.tenant = tenant
            self.profile = profile
            self.user = user
            self.maxDuration = maxDuration
            self.mintedBy = mintedBy
            self.settings = settings
        }

        fileprivate var size: Int { settings?.utf8.count ?? 0 }
    }

    package static let defaultLifetime = Duration.seconds(60)
    package static let lifetimes = Duration.seconds(1)...Duration.seconds(600)

    /// One that was used up, and may be given back.
    package struct Used: Sendable {
        package let claims: Claims
        fileprivate let hash: SecretHash
        fileprivate let expires: Instant
        fileprivate let revocations: Int
    }

    private struct State {
        var table: SecretTable<Claims>
        /// What was taken back stays so, also what is in somebody's hand meanwhile.
        var revocations = 0
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - capacity: of all tenants together; some 300 bytes each, apart from their settings.
    ///   - perTenant: so that one tenant cannot take the room of the others.
    ///   - bytesPerTenant: of the settings that wait.
    package init(capacity: Int = 65_536, perTenant: Int = 8192, bytesPerTenant: Int = 4 << 20) {
        state = Mutex(
            State(table: SecretTable(capacity: capacity, perOwner: perTenant, sizePerOwner: bytesPerTenant)))
    }

    /// - Returns: the token. It is not kept, and cannot be shown again.
    /// - Throws: `token.lifetime_invalid`; `token.limit_exceeded` (retryable) when too many wait to be used.
    package func mint(
        _ claims: Claims, lifetime: Duration = defaultLifetime, now: Instant
    ) throws(SyrinxError) -> String {
        guard Self.lifetimes.contains(lifetime) else {
            throw SyrinxError(
                "token.lifetime_invalid", "a session token lives for 1 s to 10 min", fix: "leave the lifetime out: 60 s"
            )
        }
        let text = Self.prefix + SecretText.random()
        let hash = SecretHash(of: text)
        let isTaken = state.withLock {
            $0.table.insert(
                hash, claims, size: claims.size, owner: claims.tenant, expires: now + lifetime, now: now)
        }
        guard isTaken else {
            throw SyrinxError(
                "token.limit_exceeded", "too many session tokens wait to be used",
                fix: "make a token when it is needed, with a short lifetime", retryable: true, retryAfter: .seconds(1))
        }
        return text
    }

    /// Uses a token up. Nil for one that is malformed, unknown, used or expired: which of these, nobody is told.
    package func redeem(_ text: String, now: Instant) -> Used? {
        guard SecretText.isWellFormed(text, prefix: Self.prefix) else { return nil }
        let hash = SecretHash(of: text)
        return state.withLock { state in
            state.table.take(hash, now: now).map { entry in
                Used(
                    claims: entry.value, hash: hash, expires: entry.expires, revocations: state.revocations)
            }
        }
    }

    /// No session came of it: the token is as good as before, for as long as it would have been.
    package func giveBack(_ used: Used, now: Instant) {
        state.withLock { state in
            guard state.revocations == used.revocations, now < used.expires else { return }
            _ = state.table.insert(
                used.hash, used.claims, size: used.claims.size, owner: used.claims.tenant, expires: used.expires,
                now: now)
        }
    }

    /// Whether one could still be used. It is not used up.
    package func isGood(_ text: String, now: Instant) -> Bool {
        guard SecretText.isWellFormed(text, prefix: Self.prefix) else { return false }
        let hash = SecretHash(of: text)
        return state.withLock { $0.table.contains(hash, now: now) }
    }

    /// Takes back those of a tenant, or of one of its users, that are not used yet.
    /// - Returns: how many there were.
    @discardableResult
    package func revoke(tenant: String, user: String? = nil) -> Int {
        state.withLock { state in
            state.revocations += 1
            return state.table.removeAll { owner, claims in
                owner == tenant && (user == nil || claims.user == user)
            }
        }
    }

    /// How many wait, the expired among them.
    package var count: Int { state.withLock(\.table.count) }

    static let prefix = "syt_"
}
