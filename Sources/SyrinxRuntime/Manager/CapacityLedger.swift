// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What one session takes of the host: a place of its tenant's, and one of each provider's.
package struct CapacityClaim: Sendable, Hashable {
    package var tenant: String
    /// Ids of providers, each once.
    package var providers: Set<String>

    /// The tenant of a call of which it is not known yet whose it is.
    package static let nobody = ""

    package init(tenant: String = "default", providers: Set<String> = []) {
        self.tenant = tenant
        self.providers = providers
    }
}

/// Who holds how many places. Pure: of any number of claims exactly as many are granted as the limits say, in whatever
/// order they come.
///
/// A tenant's reserve is taken out of what others may use, as far as the tenant does not use it itself.
struct CapacityLedger: Sendable {
    var limits: SessionLimits
    private(set) var total = 0
    private(set) var byTenant: [String: Int] = [:]
    private(set) var byProvider: [String: Int] = [:]

    init(limits: SessionLimits) { self.limits = limits }

    /// Takes the places of a claim, all or none.
    mutating func reserve(_ claim: CapacityClaim) -> SyrinxError? {
        if let refusal = refusal(of: claim) { return refusal }
        total += 1
        byTenant[claim.tenant, default: 0] += 1
        for provider in claim.providers { byProvider[provider, default: 0] += 1 }
        return nil
    }

    mutating func release(_ claim: CapacityClaim) {
        total -= 1
        Self.takeOne(from: &byTenant, claim.tenant)
        for provider in claim.providers { Self.takeOne(from: &byProvider, provider) }
    }

    /// Gives the places of one claim up for those of another, or keeps them.
    mutating func exchange(_ held: CapacityClaim, for claim: CapacityClaim) -> SyrinxError? {
        let before = self
        release(held)
        let refusal = reserve(claim)
        if refusal != nil { self = before }
        return refusal
    }

    private static func takeOne(from counts: inout [String: Int], _ key: String) {
        let left = (counts[key] ?? 0) - 1
        counts[key] = left > 0 ? left : nil
    }

    func refusal(of claim: CapacityClaim) -> SyrinxError? {
        let used = byTenant[claim.tenant] ?? 0
        if let limit = limits.tenants[claim.tenant]?.sessions, limit > 0, used >= limit {
            return SyrinxError(
                "tenant.limit_exceeded", "all \(limit) sessions of this tenant are in use",
                fix: "end one, or try later",
                retryable: true)
        }
        if limits.maxSessions > 0, total + keptFromOthers(than: claim.tenant) >= limits.maxSessions {
            return SyrinxError(
                "session.limit_exceeded", "all \(limits.maxSessions) sessions are in use", fix: "try again later",
                retryable: true)
        }
        let full = claim.providers.sorted().first { provider in
            limits.providers[provider].map { (byProvider[provider] ?? 0) >= $0 } ?? false
        }
        guard let full else { return nil }
        return SyrinxError(
            "provider.limit_exceeded", "all sessions of provider `\(full)` are in use", fix: "try again later",
            retryable: true)
    }

    /// Places that tenants other than this one have reserved and do not use. They are not kept from a caller who may
    /// be one of theirs: that is settled when his tenant is known.
    private func keptFromOthers(than tenant: String) -> Int {
        guard tenant != CapacityClaim.nobody else { return 0 }
        return limits.tenants.reduce(0) { sum, entry in
            let (name, limit) = entry
            return name == tenant ? sum : sum + max(0, limit.reserved - (byTenant[name] ?? 0))
        }
    }
}
