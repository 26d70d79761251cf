// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxAccess

struct AccessPolicyTests {
    private func faults(_ policy: AccessPolicy) -> [String] {
        do {
            _ = try AccessControl(policy)
            return []
        } catch {
            return error.faults.map { "\($0.code) at \($0.place ?? "?")" }
        }
    }

    private func key(_ name: String, scopes: [String] = ["talk"]) -> AccessPolicy.Key {
        AccessPolicy.Key(name: name, hash: "\(APIKey.generate().hash)", scopes: scopes)
    }

    private func signed(_ name: String, _ audience: String = "syrinx") -> AccessPolicy.SignedTokens {
        AccessPolicy.SignedTokens(
            name: name, algorithm: "ES256", key: ForeignToken.es256.key, issuer: "i", audience: audience)
    }

    @Test func `all faults are found at once, each with its place`() {
        var tokens = signed("k1")
        tokens.algorithm = "none"
        var short = signed("k2")
        short.algorithm = "HS256"
        short.key = "short"
        var nameless = signed("k3")
        nameless.issuer = ""
        let tenant = AccessPolicy.Tenant(
            id: "acme",
            keys: [
                .init(name: "a", hash: "x", scopes: ["talk"]), key("b", scopes: []), key("c", scopes: ["operator"]),
            ],
            signedTokens: [tokens, short, nameless], hosts: [""], numbers: ["-"], paths: ["a/b", "v1", "..", ""])
        let policy = AccessPolicy(
            tenants: [tenant, .init(id: "Bad Id"), .init(id: "acme")], operators: [.init(name: "o", hash: "")])
        #expect(
            faults(policy) == [
                "access.key_hash at tenants.acme.keys.a.hash", "access.scopes at tenants.acme.keys.b.scopes",
                "access.scopes at tenants.acme.keys.c.scopes", "access.jwt_algorithm at tenants.acme.jwt.k1.algorithm",
                "access.jwt_key at tenants.acme.jwt.k2.key", "access.jwt_incomplete at tenants.acme.jwt.k3",
                "access.route_invalid at tenants.acme.route.hosts",
                "access.route_invalid at tenants.acme.route.numbers",
                "access.route_invalid at tenants.acme.route.paths", "access.route_invalid at tenants.acme.route.paths",
                "access.route_invalid at tenants.acme.route.paths", "access.route_invalid at tenants.acme.route.paths",
                "access.tenant_id at tenants.Bad Id", "access.tenant_id at tenants.acme",
                "access.key_hash at access.operators.o.hash",
            ])
    }

    @Test func `one key cannot be two tenants', or an operator's as well`() {
        let shared = key("web")
        var policy = AccessPolicy(tenants: [.init(id: "a", keys: [shared]), .init(id: "b", keys: [shared])])
        #expect(faults(policy) == ["access.key_duplicate at tenants.b.keys.web"])
        policy = AccessPolicy(tenants: [.init(id: "a", keys: [shared])], operators: [shared])
        #expect(faults(policy) == ["access.key_duplicate at access.operators.web"])
    }

    @Test func `two tenants whose tokens look alike need different audiences`() {
        var policy = AccessPolicy(tenants: [
            .init(id: "a", signedTokens: [signed("k")]), .init(id: "b", signedTokens: [signed("k")]),
        ])
        #expect(faults(policy) == ["access.jwt_ambiguous at tenants.b.jwt.k"])
        policy.tenants[1].signedTokens = [signed("k", "b")]
        #expect(faults(policy).isEmpty)
    }

    @Test func `a route leads to one tenant, however it is written`() {
        let policy = AccessPolicy(tenants: [
            .init(id: "a", hosts: ["a.example"], numbers: ["+49 30 123"], paths: ["x"]),
            .init(id: "b", hosts: ["A.EXAMPLE.:8080"], numbers: ["+49-30-123"], paths: ["x", "X"]),
        ])
        #expect(
            faults(policy) == [
                "access.route_duplicate at tenants.b.route.hosts", "access.route_duplicate at tenants.b.route.numbers",
                "access.route_duplicate at tenants.b.route.paths",
            ])
    }

    @Test func `without a key id a token is taken only where there is no choice`() throws {
        let forge = try TokenForge.make(.edDSA)
        func rule(_ name: String, _ audience: String = "syrinx") -> AccessPolicy.SignedTokens {
            .init(name: name, algorithm: "EdDSA", key: forge.configured, issuer: TokenForge.issuer, audience: audience)
        }
        func result(_ tenants: [AccessPolicy.Tenant], path: String? = nil) throws -> String {
            let control = try AccessControl(AccessPolicy(tenants: tenants))
            let token = try forge.token(header: ["kid": .none])
            return outcome { () throws(AccessRefusal) in
                try control.resolve(.bearer(token, path: path), needing: .talk, now: TokenForge.now)
            }
        }
        #expect(try result([.init(id: "a", signedTokens: [rule("k1")])]) == "tenant:a")
        #expect(try result([.init(id: "a", signedTokens: [rule("k1"), rule("k2", "x")])]) == "auth.invalid")
        let two = ["a", "b"].map {
            AccessPolicy.Tenant(id: $0, signedTokens: [rule("key-of-\($0)")], paths: [$0])
        }
        #expect(try result(two) == "auth.invalid")
        #expect(try result(two, path: "b") == "tenant:b")
    }

    @Test func `a token for the audiences of two tenants is of the route's`() throws {
        let forge = try TokenForge.make(.edDSA)
        let tenants = ["a", "b"].map { id in
            AccessPolicy.Tenant(
                id: id,
                signedTokens: [
                    .init(
                        name: "key-1", algorithm: "EdDSA", key: forge.configured, issuer: TokenForge.issuer,
                        audience: id)
                ], paths: [id])
        }
        let control = try AccessControl(AccessPolicy(tenants: tenants))
        let token = try forge.token(claims: ["aud": ["a", "b"]])
        for id in ["a", "b"] {
            #expect(try control.resolve(.bearer(token, path: id), needing: .talk, now: TokenForge.now).tenant == id)
        }
    }

    @Test func `what is printed shows no secret`() throws {
        let fixture = try AccessFixture(algorithm: .hs256)
        let key = try #require(fixture.acme["all"])
        let control = try fixture.control()
        let credentials = Credentials(
            authorization: ["Bearer \(key.text)"], queryTokens: ["syt_secret"], listenerIsLoopback: true,
            peerIsLoopback: true)
        let jwtKey = try JWTKey(algorithm: .hs256, key: fixture.forge.configured)
        for text in [
            "\(fixture.policy)", String(reflecting: fixture.policy), "\(credentials)", "\([credentials])",
            String(reflecting: credentials), "\(control)", "\(jwtKey)", String(reflecting: jwtKey), "\(fixture.acme)",
        ] {
            #expect(!text.contains(fixture.forge.configured))
            #expect(!text.contains(key.text.suffix(43)))
            #expect(!text.contains("syt_secret"))
        }
    }
}
