// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxAccess
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime
internal import SyrinxTelemetry

/// Lets requests in, or says why not: who it is, how often he came, what his tenant may still use. Thread-safe.
///
/// A conversation's places are not its business: they are the session manager's.
final class Gatekeeper: Sendable {
    /// What browsers open a session with.
    let tokens = SessionTokens()
    private let usage: MonthlyUsage
    private let manager: SessionManager
    private let policies: PolicyStore
    private let listenerIsLoopback: Bool
    private let strangers = BruteForceGuard()
    private let createsByTenant = RateLimiter<String>()
    private let createsByAddress = RateLimiter<PeerAddress>()
    private let metrics: VoiceMetrics

    init(
        manager: SessionManager, policies: PolicyStore, usage: MonthlyUsage, metrics: VoiceMetrics,
        listenerIsLoopback: Bool
    ) {
        self.manager = manager
        self.policies = policies
        self.listenerIsLoopback = listenerIsLoopback
        self.usage = usage
        self.metrics = metrics
    }

    private var now: Instant { manager.host.environment.now() }

    /// What a request may do.
    /// - Parameter scope: what it wants to do; nil = any credential will do.
    /// - Throws: `auth.*`.
    func grant(_ visit: Visit, needing scope: Scope?) throws(SyrinxError) -> Grant {
        let credentials = visit.credentials(listenerIsLoopback: listenerIsLoopback)
        let grant = try guarded(visit.peer) { access throws(AccessRefusal) in
            try access.resolve(credentials, needing: scope, now: .current)
        }
        try OpenDoor.check(grant, visit)
        return grant
    }

    /// What the caller of a new session may do. A session token is used up.
    /// - Throws: `session.draining`, `auth.*`, `request.rate_exceeded`, `tenant.quota_exceeded`.
    func grantCall(_ visit: Visit) throws(SyrinxError) -> Grant { try admitCall(visit).grant }

    /// The same, for a door where the call may still come to nothing.
    func admitCall(_ visit: Visit) throws(SyrinxError) -> Entry {
        try manager.checkDraining()
        let policy = policies.current
        // First of all: who is too early must not lose a session token for it.
        if let peer = visit.peer {
            try limited("address") { (now) throws(SyrinxError) in
                try createsByAddress.admit(peer, limit: policy.createsPerAddress, now: now)
            }
        }
        let credentials = visit.credentials(listenerIsLoopback: listenerIsLoopback)
        var token: SessionTokens.Used?
        let grant = try guarded(visit.peer) { access throws(AccessRefusal) in
            try access.resolve(
                credentials, needing: .talk, now: .current,
                redeeming: { text in
                    token = tokens.redeem(text, now: self.now)
                    return token?.claims
                })
        }
        let entry = Entry(grant: grant, token: token)
        do throws(SyrinxError) {
            try OpenDoor.check(grant, visit)
            try grantTenant(grant.tenant)
        } catch {
            giveBack(entry)
            throw error
        }
        return entry
    }

    /// Who may begin a session, and the token that was used up for it.
    struct Entry: Sendable {
        let grant: Grant
        fileprivate let token: SessionTokens.Used?
    }

    /// No session came of it: its token is good again.
    func giveBack(_ entry: Entry) {
        if let token = entry.token { tokens.giveBack(token, now: now) }
    }

    /// What a caller may do whom a door's plugin judges.
    /// - Parameter tenant: nil = it will be known when the call is there.
    /// - Throws: `session.draining`, `request.rate_exceeded`, `tenant.quota_exceeded`.
    func grantDoor(tenant: String?) throws(SyrinxError) {
        try manager.checkDraining()
        if let tenant { try grantTenant(tenant) }
    }

    /// Whether a tenant may have one more call now.
    /// - Throws: `request.rate_exceeded`, `tenant.quota_exceeded`.
    func grantTenant(_ name: String) throws(SyrinxError) {
        let tenant = policies.current.tenant(name)
        try limited("tenant") { (now) throws(SyrinxError) in
            try createsByTenant.admit(name, limit: tenant.creates, now: now)
        }
        if let quota = tenant.minutes { try quota.check(used: used(name), now: .current) }
    }

    /// The session that a token resumes. The token itself is the credential.
    /// - Throws: `session.resume_not_found`, `auth.too_many_failures`.
    func resume(_ token: String, _ visit: Visit, at desk: ResumeDesk) throws(SyrinxError) -> TalkPort {
        try strangers.check(visit.peer, now: now)
        do {
            return try desk.redeem(token)
        } catch {
            throw strangers.failed(visit.peer, now: now) ?? error
        }
    }

    private func limited(_ name: String, _ body: (Instant) throws(SyrinxError) -> Void) throws(SyrinxError) {
        do {
            try body(now)
        } catch {
            metrics.rateLimited(by: name)
            throw error
        }
    }

    /// Whether this is an operator of the host.
    /// - Throws: `auth.*`.
    func checkOperator(_ visit: Visit, listenerIsLoopback: Bool) throws(SyrinxError) {
        let credentials = visit.credentials(listenerIsLoopback: listenerIsLoopback)
        let grant = try guarded(visit.peer) { access throws(AccessRefusal) in
            try access.resolveOperator(credentials, now: .current)
        }
        if grant.subject == nil { try OpenDoor.check(visit) }
    }

    /// A live session counts with what it has lasted so far.
    private func used(_ tenant: String) -> Duration {
        let time = now
        return manager.sessions.reduce(usage.used(tenant, now: .current)) { sum, session in
            session.tenant == tenant ? sum + (time - session.createdAt) : sum
        }
    }

    /// Addresses that guess are told to wait.
    private func guarded<Answer>(
        _ peer: PeerAddress?, _ body: (AccessControl) throws(AccessRefusal) -> Answer
    ) throws(SyrinxError) -> Answer {
        try strangers.check(peer, now: now)
        do {
            let answer = try body(policies.current.access)
            strangers.succeeded(peer, now: now)
            return answer
        } catch {
            metrics.authenticationFailed(code: error.error.code)
            switch error.reason {
            case .malformed, .unknown, .early, .tooLong: throw strangers.failed(peer, now: now) ?? error.error
            case .missing, .expired, .forbidden: throw error.error
            }
        }
    }
}

extension UnixTime {
    /// The wall clock.
    static var current: UnixTime { UnixTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
