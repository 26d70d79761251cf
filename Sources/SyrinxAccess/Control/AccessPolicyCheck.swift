// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Makes tables of a policy, and lists everything that is wrong with it.
struct AccessPolicyCheck {
    var isOpen: [String: Bool] = [:]
    var keys: [SecretHash: AccessControl.TenantKey] = [:]
    var operators: [SecretHash: AccessControl.OperatorKey] = [:]
    var verifier = JWTVerifier()
    var routes = RouteTable()
    var faults: [SyrinxError] = []

    /// Where each hash stands.
    private var places: [SecretHash: String] = [:]

    mutating func read(_ policy: AccessPolicy) {
        for tenant in policy.tenants { read(tenant) }
        for key in policy.operators {
            let place = "access.operators.\(key.name)"
            guard let hash = hash(of: key, place) else { continue }
            operators[hash] = AccessControl.OperatorKey(name: key.name, expires: key.expires)
        }
    }

    private mutating func read(_ tenant: AccessPolicy.Tenant) {
        let place = "tenants.\(tenant.id)"
        guard PluginIdentifier.isValid(tenant.id), isOpen[tenant.id] == nil else {
            faults.append(
                SyrinxError(
                    "access.tenant_id", "`\(tenant.id)` cannot be the name of a tenant",
                    fix: "use lower-case letters, digits, `-` and `_`, a letter first; each name once", place: place))
            return
        }
        isOpen[tenant.id] = tenant.isOpen
        for key in tenant.keys { read(key, tenant.id, "\(place).keys.\(key.name)") }
        for tokens in tenant.signedTokens { read(tokens, of: tenant, "\(place).jwt.\(tokens.name)") }
        read(tenant.hosts, .hosts, tenant.id)
        read(tenant.numbers, .numbers, tenant.id)
        read(tenant.paths, .paths, tenant.id)
    }

    private mutating func read(_ key: AccessPolicy.Key, _ tenant: String, _ place: String) {
        let scopes = key.scopes.compactMap(Scope.init(rawValue:))
        if scopes.count != key.scopes.count || scopes.isEmpty {
            let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
            faults.append(
                SyrinxError(
                    "access.scopes", "a key has one or more scopes of \(known)", fix: "write `scopes: [talk]`",
                    place: "\(place).scopes"))
        }
        guard let hash = hash(of: key, place) else { return }
        keys[hash] = AccessControl.TenantKey(
            tenant: tenant, name: key.name, scopes: Set(scopes), expires: key.expires)
    }

    /// Nil, and a fault, when it is none or stands elsewhere.
    private mutating func hash(of key: AccessPolicy.Key, _ place: String) -> SecretHash? {
        do {
            let hash = try SecretHash(parsing: key.hash)
            guard let other = places.updateValue(place, forKey: hash) else { return hash }
            faults.append(
                SyrinxError(
                    "access.key_duplicate", "this key stands at \(other) already",
                    fix: "make a key for each: one that is shared cannot be taken back alone", place: place))
        } catch {
            report(error, "\(place).hash")
        }
        return nil
    }

    private mutating func read(
        _ tokens: AccessPolicy.SignedTokens, of tenant: AccessPolicy.Tenant, _ place: String
    ) {
        guard !tokens.issuer.isEmpty, !tokens.audience.isEmpty, !tokens.name.isEmpty else {
            faults.append(
                SyrinxError(
                    "access.jwt_incomplete", "signed tokens need a key id, an issuer and an audience",
                    fix: "set `issuer` and `audience` to what the tokens say in `iss` and `aud`", place: place))
            return
        }
        guard let key = key(of: tokens, place) else { return }
        let rule = JWTRule(tenant: tenant.id, name: tokens.name, key: key, maxLifetime: tokens.maxLifetime)
        let other = verifier.add(
            rule, issuer: tokens.issuer, audience: tokens.audience, isOnly: tenant.signedTokens.count == 1)
        guard let other else { return }
        faults.append(
            SyrinxError(
                "access.jwt_ambiguous", "tenant \(other) has the same key id, issuer and audience",
                fix: "give each tenant an audience of its own", place: place))
    }

    private mutating func key(of tokens: AccessPolicy.SignedTokens, _ place: String) -> JWTKey? {
        guard let algorithm = JWTAlgorithm(rawValue: tokens.algorithm) else {
            let known = JWTAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            faults.append(
                SyrinxError(
                    "access.jwt_algorithm", "there is no algorithm `\(tokens.algorithm)`", fix: "use one of \(known)",
                    place: "\(place).algorithm"))
            return nil
        }
        do {
            return try JWTKey(algorithm: algorithm, key: tokens.key)
        } catch {
            report(error, "\(place).key")
            return nil
        }
    }

    private mutating func read(_ names: [String], _ kind: RouteTable.Kind, _ tenant: String) {
        for name in names {
            let place = "tenants.\(tenant).route.\(kind.rawValue)"
            if RouteTable.normal(name, kind).isEmpty || (kind == .paths && !Self.isPathPart(name)) {
                faults.append(
                    SyrinxError(
                        "access.route_invalid", "`\(name)` cannot be a route",
                        fix: "a host name, a number as `+4930123456`, or one part of a path as `acme`", place: place))
            } else if let other = routes.add(name, kind, tenant: tenant) {
                faults.append(
                    SyrinxError(
                        "access.route_duplicate", "`\(name)` leads to tenant \(other) already",
                        fix: "give each route to one tenant", place: place))
            }
        }
    }

    /// RFC 3986 2.3, without dots: `.` and `..` are no names. `v1` begins the paths without a tenant.
    private static func isPathPart(_ text: String) -> Bool {
        text != "v1" && (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                    true
                default: false
                }
            }
    }

    private mutating func report(_ error: SyrinxError, _ place: String) {
        var fault = error
        fault.place = place
        faults.append(fault)
    }
}
