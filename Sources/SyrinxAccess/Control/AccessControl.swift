// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Who a request is from and what it may do. Immutable: a reload makes another, and swaps it whole.
///
/// A tenant with keys or signed tokens asks for a credential everywhere; one without is served on loopback listeners
/// only. A credential counts on the routes of its own tenant: elsewhere it is answered as if nobody knew it.
package struct AccessControl: Sendable {
    struct TenantKey: Sendable {
        var tenant: String
        var name: String
        var scopes: Set<Scope>
        var expires: UnixTime?
    }

    struct OperatorKey: Sendable {
        var name: String
        var expires: UnixTime?
    }

    /// All tenants, and whether they are open.
    let isOpen: [String: Bool]
    let keys: [SecretHash: TenantKey]
    let operators: [SecretHash: OperatorKey]
    let verifier: JWTVerifier
    let routes: RouteTable

    /// - Throws: all faults of the policy at once.
    package init(_ policy: AccessPolicy) throws(AccessPolicyFaults) {
        var check = AccessPolicyCheck()
        check.read(policy)
        guard check.faults.isEmpty else { throw AccessPolicyFaults(faults: check.faults) }
        isOpen = check.isOpen
        keys = check.keys
        operators = check.operators
        verifier = check.verifier
        routes = check.routes
    }

    /// Those that anybody may use who reaches a listener: with one of these, no listener may be off loopback. Sorted.
    package var unauthenticatedTenants: [String] { isOpen.filter(\.value).keys.sorted() }

    /// Whether the admin API asks for a key: without, its listener may be on loopback only.
    package var hasOperators: Bool { !operators.isEmpty }

    /// Whose number this is; nil = nobody's.
    package func tenant(calling number: String) -> String? { routes.tenant(calling: number) }

    /// What a request on a tenant's door may do.
    /// - Parameters:
    ///   - scope: what it wants to do; nil when any credential will do.
    ///   - now: the wall clock.
    ///   - redeeming: uses a session token up, ``SessionTokens/redeem(_:now:)``. Only the door that begins sessions
    ///     gives it: at all others such a token is not valid, and stays unused.
    /// - Throws: ``AccessRefusal``.
    package func resolve(
        _ credentials: Credentials, needing scope: Scope?, now: UnixTime,
        redeeming: (String) -> SessionTokens.Claims? = { _ in nil }
    ) throws(AccessRefusal) -> Grant {
        let grant = try grant(credentials, now: now, redeeming: redeeming)
        if let scope { try grant.require(scope) }
        return grant
    }

    /// Whether a request on the admin API is an operator's. Without operators everybody on this machine is.
    /// - Throws: ``AccessRefusal``.
    package func resolveOperator(_ credentials: Credentials, now: UnixTime) throws(AccessRefusal) -> OperatorGrant {
        switch PresentedCredential(credentials) {
        case .none:
            guard operators.isEmpty, credentials.listenerIsLoopback, credentials.peerIsLoopback else { throw .missing }
            return OperatorGrant(subject: nil, expires: nil)
        case .apiKey(let hash):
            guard let key = operators[hash] else { throw .invalid(.unknown) }
            try Self.check(key.expires, now)
            return OperatorGrant(subject: key.name, expires: key.expires)
        case .sessionToken, .signedToken: throw .invalid(.unknown)
        case .malformed: throw .invalid(.malformed)
        }
    }
}

// MARK: - By kind of credential

extension AccessControl {
    private func grant(
        _ credentials: Credentials, now: UnixTime, redeeming: (String) -> SessionTokens.Claims?
    ) throws(AccessRefusal) -> Grant {
        let route = routes.route(of: credentials)
        let grant =
            switch PresentedCredential(credentials) {
            case .none: try open(route, credentials)
            case .apiKey(let hash): try byKey(hash, route, now)
            case .sessionToken(let token): try bySessionToken(redeeming(token))
            case .signedToken(let token): try bySignedToken(token, route, now)
            case .malformed: throw .invalid(.malformed)
            }
        // Again for all of them: a session token may be of a tenant that a reload has taken away.
        guard let isOpen = isOpen[grant.tenant], !isOpen || credentials.listenerIsLoopback,
            Self.allows(route, grant.tenant)
        else { throw .invalid(.unknown) }
        return grant
    }

    /// Without a credential: the open tenant of the route, or the only one there is, or `default`.
    private func open(_ route: RouteTable.Route, _ credentials: Credentials) throws(AccessRefusal) -> Grant {
        guard credentials.listenerIsLoopback, let tenant = openTenant(route) else { throw .missing }
        return Grant(tenant: tenant, scopes: Set(Scope.allCases), source: .open)
    }

    private func openTenant(_ route: RouteTable.Route) -> String? {
        switch route {
        case .tenant(let tenant): return isOpen[tenant] == true ? tenant : nil
        case .nowhere: return nil
        case .open:
            if isOpen[AccessPolicy.defaultTenant] == true { return AccessPolicy.defaultTenant }
            let first = isOpen.lazy.filter(\.value).prefix(2)
            return first.count == 1 ? first.first?.key : nil
        }
    }

    private func byKey(_ hash: SecretHash, _ route: RouteTable.Route, _ now: UnixTime) throws(AccessRefusal) -> Grant {
        guard let key = keys[hash], Self.allows(route, key.tenant) else { throw .invalid(.unknown) }
        try Self.check(key.expires, now)
        return Grant(
            tenant: key.tenant, scopes: key.scopes, subject: key.name, source: .apiKey, expires: key.expires)
    }

    private func bySessionToken(_ claims: SessionTokens.Claims?) throws(AccessRefusal) -> Grant {
        guard let claims else { throw .invalid(.unknown) }
        return Grant(
            tenant: claims.tenant, scopes: [.talk], user: claims.user, subject: claims.mintedBy, source: .sessionToken,
            profile: claims.profile, maxDuration: claims.maxDuration,
            settings: claims.settings.flatMap { try? JSONValue(parsing: $0) })
    }

    private func bySignedToken(
        _ token: String, _ route: RouteTable.Route, _ now: UnixTime
    ) throws(AccessRefusal) -> Grant {
        let tenant: String?
        switch route {
        case .tenant(let named): tenant = named
        case .open: tenant = nil
        case .nowhere: throw .invalid(.unknown)
        }
        guard let verified = verifier.verify(token, of: tenant) else { throw .invalid(.unknown) }
        let claims = try verified.rule.read(verified.claims, now: now)
        return Grant(
            tenant: verified.rule.tenant, scopes: claims.scopes, user: claims.user, subject: verified.rule.name,
            source: .jwt, expires: claims.expires)
    }

    /// A key that has ended is answered like one that nobody knows.
    private static func check(_ expires: UnixTime?, _ now: UnixTime) throws(AccessRefusal) {
        guard let expires, expires <= now else { return }
        throw .invalid(.expired)
    }

    private static func allows(_ route: RouteTable.Route, _ tenant: String) -> Bool {
        switch route {
        case .open: true
        case .tenant(let named): named == tenant
        case .nowhere: false
        }
    }
}
