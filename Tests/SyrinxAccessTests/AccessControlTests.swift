// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxAccess

struct AccessControlTests {
    private let fixture: AccessFixture
    private let control: AccessControl

    init() throws {
        fixture = try AccessFixture()
        control = try fixture.control()
    }

    private func refusal(_ credentials: Credentials, needing scope: Scope? = .talk) -> AccessRefusal? {
        do {
            _ = try control.resolve(credentials, needing: scope, now: fixture.now)
            return nil
        } catch {
            return error
        }
    }

    // MARK: what a grant says

    @Test func `a key says its tenant, its name and its end`() throws {
        let key = try #require(fixture.acme["talk"])
        let grant = try control.resolve(.bearer(key.text), needing: .talk, now: fixture.now)
        #expect(
            grant
                == Grant(
                    tenant: "acme", scopes: [.talk], subject: "talk", source: .apiKey,
                    expires: fixture.now + .milliseconds(1)))
    }

    @Test func `a signed token says its user, its scopes and its end`() throws {
        let token = try fixture.forge.token(claims: ["scope": "read admin operator openid"])
        let grant = try control.resolve(.bearer(token), needing: .read, now: fixture.now)
        #expect(
            grant
                == Grant(
                    tenant: "acme", scopes: [.read, .admin], user: "ann", subject: "key-1", source: .jwt,
                    expires: fixture.now + .seconds(3600)))
    }

    @Test func `the word Bearer is taken in any case, and nothing else for it`() throws {
        let key = try #require(fixture.acme["all"]).text
        for scheme in ["Bearer ", "bearer ", "BEARER "] { #expect(refused("\(scheme)\(key)") == nil) }
        for header in [
            "", key, "Bearer", "Bearer ", "Bearer  \(key)", "Basic \(key)", "Token \(key)", "Bearer\t\(key)",
            "Bearer@\(key)", " Bearer \(key)",
        ] {
            #expect(refused(header) == "auth.invalid", "\(header)")
        }
    }

    private func refused(_ header: String) -> String? {
        refusal(Credentials(authorization: [header], listenerIsLoopback: false, peerIsLoopback: false))?.error.code
    }

    @Test func `two credentials are refused, even if both are good`() throws {
        let key = try #require(fixture.acme["all"]).text
        var credentials = Credentials.bearer(key)
        credentials.authorization.append("Bearer \(key)")
        #expect(refusal(credentials)?.reason == .malformed)
        credentials = .bearer(key)
        credentials.queryTokens = [try fixture.tokens.mint(.init(tenant: "acme", mintedBy: "all"), now: fixture.steady)]
        #expect(refusal(credentials)?.reason == .malformed)
    }

    @Test func `keys and signed tokens are not taken from a query, where logs would keep them`() throws {
        for text in [try #require(fixture.acme["all"]).text, try fixture.forge.token(), ""] {
            let credentials = Credentials(queryTokens: [text], listenerIsLoopback: true, peerIsLoopback: true)
            #expect(refusal(credentials)?.error.code == "auth.invalid")
        }
    }

    @Test func `while keys are rotated the old and the new are good`() throws {
        for name in ["all", "rotated"] {
            let key = try #require(fixture.acme[name]).text
            #expect(refusal(.bearer(key)) == nil)
        }
    }

    @Test func `a key is good until its end and not at it`() throws {
        let key = try #require(fixture.acme["talk"]).text
        #expect(throws: AccessRefusal.self) {
            try control.resolve(.bearer(key), needing: .talk, now: fixture.now + .milliseconds(1))
        }
    }

    @Test func `what the log is told is more than what the caller is told`() throws {
        let ended = try #require(fixture.acme["expired"])
        let expired = refusal(.bearer(ended.text))
        #expect(expired?.reason == .expired)
        #expect(expired?.error.code == "auth.invalid")
        #expect(refusal(.bearer(APIKey.generate().text))?.reason == .unknown)
        #expect(refusal(.bearer("x"))?.reason == .malformed)
        let early = try fixture.forge.token(claims: ["nbf": .int(fixture.now.seconds + 600)])
        #expect(refusal(.bearer(early))?.reason == .early)
        let long = try fixture.forge.token(claims: ["exp": .int(fixture.now.seconds + 86_400)])
        #expect(refusal(.bearer(long))?.reason == .tooLong)
    }

    // MARK: without a credential

    @Test func `a tenant with keys asks for a credential on loopback too`() {
        #expect(refusal(.none(path: "acme", loopback: true))?.error.code == "auth.missing")
        #expect(refusal(.none(host: "voice.acme.example", loopback: true))?.error.code == "auth.missing")
    }

    @Test func `an open tenant is there on loopback, and nowhere else`() throws {
        let grant = try control.resolve(.none(loopback: true), needing: .admin, now: fixture.now)
        #expect(grant == Grant(tenant: "open", scopes: Set(Scope.allCases), source: .open))
        #expect(refusal(.none(loopback: false))?.error.code == "auth.missing")
        #expect(refusal(.none(path: "open", loopback: false))?.error.code == "auth.missing")
    }

    @Test func `a bad credential is not made good by an open tenant`() {
        var credentials = Credentials.bearer("nonsense")
        credentials.listenerIsLoopback = true
        #expect(refusal(credentials)?.error.code == "auth.invalid")
    }

    @Test func `a tenant that does not exist is asked for a credential like one that does`() {
        #expect(refusal(.none(path: "nobody", loopback: true)) == refusal(.none(path: "acme", loopback: true)))
    }

    @Test func `of several open tenants the route decides, or the name default`() throws {
        let policy = AccessPolicy(tenants: [.init(id: "a", paths: ["a"]), .init(id: "b", hosts: ["b.example"])])
        let control = try AccessControl(policy)
        let tenants = ["b.example:80", "c.example"].map { host in
            outcome { () throws(AccessRefusal) in
                try control.resolve(.none(host: host, loopback: true), needing: .talk, now: fixture.now)
            }
        }
        #expect(tenants == ["tenant:b", "auth.missing"])
        let both = try AccessControl(AccessPolicy(tenants: policy.tenants + [.init(id: "default")]))
        #expect(try both.resolve(.none(loopback: true), needing: .talk, now: fixture.now).tenant == "default")
    }

    @Test func `without a configuration there is one open tenant`() throws {
        let control = try AccessControl(AccessPolicy())
        #expect(control.unauthenticatedTenants == ["default"])
        #expect(try control.resolve(.none(loopback: true), needing: nil, now: fixture.now).tenant == "default")
    }

    @Test func `tenants that anybody may use are listed for the start`() throws {
        #expect(control.unauthenticatedTenants == ["open"])
        var policy = fixture.policy
        policy.tenants.removeLast()
        #expect(try AccessControl(policy).unauthenticatedTenants.isEmpty)
    }

    // MARK: session tokens

    @Test func `a session token opens a session of its tenant, once`() throws {
        let claims = SessionTokens.Claims(
            tenant: "acme", profile: "reception", user: "ann", maxDuration: .seconds(60), mintedBy: "all")
        for asHeader in [true, false] {
            let token = try fixture.tokens.mint(claims, now: fixture.steady)
            var credentials = asHeader ? Credentials.bearer(token) : .none(loopback: false)
            if !asHeader { credentials.queryTokens = [token] }
            let redeem = { fixture.tokens.redeem($0, now: fixture.steady)?.claims }
            let grant = try control.resolve(credentials, needing: .talk, now: fixture.now, redeeming: redeem)
            #expect(
                grant
                    == Grant(
                        tenant: "acme", scopes: [.talk], user: "ann", subject: "all", source: .sessionToken,
                        profile: "reception", maxDuration: .seconds(60)))
            #expect(throws: AccessRefusal.invalid(.unknown)) {
                try control.resolve(credentials, needing: .talk, now: fixture.now, redeeming: redeem)
            }
        }
    }

    @Test func `a session token on the route of another tenant is refused`() throws {
        let token = try fixture.tokens.mint(.init(tenant: "acme", mintedBy: "all"), now: fixture.steady)
        #expect(throws: AccessRefusal.invalid(.unknown)) {
            try control.resolve(.bearer(token, path: "other"), needing: .talk, now: fixture.now) {
                fixture.tokens.redeem($0, now: fixture.steady)?.claims
            }
        }
    }

    @Test func `a door that takes no session tokens does not use them up`() throws {
        let token = try fixture.tokens.mint(.init(tenant: "acme", mintedBy: "all"), now: fixture.steady)
        #expect(refusal(.bearer(token), needing: .read)?.error.code == "auth.invalid")
        #expect(fixture.tokens.redeem(token, now: fixture.steady) != nil)
    }

    @Test func `a session token of a tenant that a reload took away is refused`() throws {
        var policy = fixture.policy
        policy.tenants.removeAll { $0.id == "acme" }
        let reloaded = try AccessControl(policy)
        let token = try fixture.tokens.mint(.init(tenant: "acme", mintedBy: "all"), now: fixture.steady)
        #expect(throws: AccessRefusal.invalid(.unknown)) {
            try reloaded.resolve(.bearer(token), needing: .talk, now: fixture.now) {
                fixture.tokens.redeem($0, now: fixture.steady)?.claims
            }
        }
    }

    @Test func `a session token of an open tenant does not lead to it from elsewhere`() throws {
        let token = try fixture.tokens.mint(.init(tenant: "open", mintedBy: ""), now: fixture.steady)
        #expect(throws: AccessRefusal.invalid(.unknown)) {
            try control.resolve(.bearer(token), needing: .talk, now: fixture.now) {
                fixture.tokens.redeem($0, now: fixture.steady)?.claims
            }
        }
    }

    // MARK: operators

    @Test func `an operator's key opens the admin API, a tenant's does not`() throws {
        let grant = try control.resolveOperator(.bearer(fixture.operatorKey.text), now: fixture.now)
        #expect(grant.subject == "ops")
        for text in [
            try #require(fixture.acme["all"]).text, fixture.expiredOperatorKey.text, APIKey.generate().text,
            try fixture.forge.token(), "nonsense", "",
        ] {
            let refusal = #expect(throws: AccessRefusal.self) {
                try control.resolveOperator(.bearer(text), now: fixture.now)
            }
            #expect(refusal?.error.code == "auth.invalid")
        }
    }

    @Test func `with operators the admin API asks for a key on loopback too`() {
        #expect(throws: AccessRefusal.missing) {
            try control.resolveOperator(.none(loopback: true), now: fixture.now)
        }
    }

    @Test func `without operators the admin API is open to this machine alone`() throws {
        let control = try AccessControl(AccessPolicy())
        #expect(!control.hasOperators)
        #expect(try control.resolveOperator(.none(loopback: true), now: fixture.now).subject == nil)
        #expect(throws: AccessRefusal.missing) {
            try control.resolveOperator(.none(loopback: false), now: fixture.now)
        }
        var mixed = Credentials.none(loopback: true)
        mixed.peerIsLoopback = false
        #expect(throws: AccessRefusal.missing) { try control.resolveOperator(mixed, now: fixture.now) }
    }
}
