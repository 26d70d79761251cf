// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

@testable import SyrinxAccess

/// Two tenants with credentials of all kinds, an open one, and an operator.
struct AccessFixture {
    let now = TokenForge.now
    let steady = Instant(nanoseconds: 1_000_000_000)
    /// Tenant acme: a key for each scope and one for all; those that have expired; and one about to.
    let acme = Dictionary(
        uniqueKeysWithValues: ["talk", "read", "admin", "all", "expired", "expires-now", "rotated"].map {
            ($0, APIKey.generate())
        })
    let other = APIKey.generate()
    let operatorKey = APIKey.generate()
    let expiredOperatorKey = APIKey.generate()
    let forge: TokenForge
    let otherForge: TokenForge
    let tokens = SessionTokens()
    var policy: AccessPolicy

    init(algorithm: JWTAlgorithm = .es256) throws {
        forge = try TokenForge.make(algorithm)
        otherForge = try TokenForge.make(algorithm)
        policy = AccessPolicy(tenants: [], operators: [])
        policy.tenants = [
            AccessPolicy.Tenant(
                id: "acme", keys: acmeKeys(), signedTokens: [signed(forge, audience: TokenForge.audience)],
                hosts: ["voice.acme.example"], numbers: ["+4930123456"], paths: ["acme"]),
            AccessPolicy.Tenant(
                id: "other", keys: [key("main", other, ["talk", "read", "admin"])],
                signedTokens: [signed(otherForge, audience: "other-syrinx")], hosts: ["other.example"],
                paths: ["other"]),
            AccessPolicy.Tenant(id: "open", hosts: ["localhost"], paths: ["open"]),
        ]
        policy.operators = [
            key("ops", operatorKey, []), key("old-ops", expiredOperatorKey, [], expires: now - .seconds(1)),
        ]
    }

    func control() throws -> AccessControl { try AccessControl(policy) }

    func signed(_ forge: TokenForge, name: String = "key-1", audience: String) -> AccessPolicy.SignedTokens {
        AccessPolicy.SignedTokens(
            name: name, algorithm: forge.algorithm.rawValue, key: forge.configured, issuer: TokenForge.issuer,
            audience: audience, maxLifetime: .seconds(3600))
    }

    func key(_ name: String, _ key: APIKey, _ scopes: [String], expires: UnixTime? = nil) -> AccessPolicy.Key {
        AccessPolicy.Key(name: name, hash: "\(key.hash)", scopes: scopes, expires: expires)
    }

    private func acmeKeys() -> [AccessPolicy.Key] {
        acme.map { name, secret in
            switch name {
            case "talk", "read", "admin": key(name, secret, [name], expires: now + .milliseconds(1))
            case "expired": key(name, secret, ["talk", "read", "admin"], expires: now - .seconds(1))
            case "expires-now": key(name, secret, ["talk", "read", "admin"], expires: now)
            default: key(name, secret, ["talk", "read", "admin"])
            }
        }
    }
}

extension Credentials {
    static func bearer(_ token: String, host: String? = nil, path: String? = nil, number: String? = nil) -> Credentials
    {
        Credentials(
            authorization: ["Bearer \(token)"], host: host, pathTenant: path, calledNumber: number,
            listenerIsLoopback: false, peerIsLoopback: false)
    }

    static func none(host: String? = nil, path: String? = nil, loopback: Bool) -> Credentials {
        Credentials(host: host, pathTenant: path, listenerIsLoopback: loopback, peerIsLoopback: loopback)
    }
}

/// What became of a request, as a word: the code of a refusal, or `tenant:` and who was let in.
func outcome(_ body: () throws(AccessRefusal) -> Grant) -> String {
    do {
        return "tenant:\(try body().tenant)"
    } catch {
        return error.error.code
    }
}
