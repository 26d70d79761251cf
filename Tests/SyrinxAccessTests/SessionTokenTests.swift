// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxAccess

struct SessionTokenTests {
    private let claims = SessionTokens.Claims(
        tenant: "acme", profile: "reception", user: "ann", maxDuration: .seconds(300), mintedBy: "web")
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test func `a token opens what it was made for, once`() throws {
        let tokens = SessionTokens()
        let token = try tokens.mint(claims, now: start)
        #expect(SecretText.isWellFormed(token, prefix: "syt_"))
        #expect(tokens.redeem(token, now: start + .seconds(1))?.claims == claims)
        #expect(tokens.redeem(token, now: start + .seconds(1)) == nil)
        #expect(tokens.count == 0)
    }

    @Test func `to look whether a token is good does not use it up`() throws {
        let tokens = SessionTokens()
        let token = try tokens.mint(claims, now: start)
        #expect(tokens.isGood(token, now: start + .seconds(60) - .nanoseconds(1)))
        #expect(!tokens.isGood(token, now: start + .seconds(60)))
        #expect(!tokens.isGood("syt_", now: start))
        #expect(tokens.redeem(token, now: start)?.claims == claims)
        #expect(!tokens.isGood(token, now: start))
    }

    @Test func `a token lives for a minute when nothing is said, and not one nanosecond longer`() throws {
        let tokens = SessionTokens()
        let inTime = try tokens.mint(claims, now: start)
        let late = try tokens.mint(claims, now: start)
        #expect(tokens.redeem(inTime, now: start + .seconds(60) - .nanoseconds(1)) != nil)
        #expect(tokens.redeem(late, now: start + .seconds(60)) == nil)
    }

    @Test(arguments: [Duration.seconds(-1), .zero, .milliseconds(999), .milliseconds(600_001), .seconds(1 << 60)])
    func `a lifetime outside of a second to ten minutes is refused`(lifetime: Duration) {
        let error = #expect(throws: SyrinxError.self) {
            try SessionTokens().mint(claims, lifetime: lifetime, now: start)
        }
        #expect(error?.code == "token.lifetime_invalid")
    }

    @Test func `ten minutes are allowed`() throws {
        let tokens = SessionTokens()
        let token = try tokens.mint(claims, lifetime: .seconds(600), now: start)
        #expect(tokens.redeem(token, now: start + .seconds(599))?.claims == claims)
    }

    @Test func `one tenant cannot take the room of another`() throws {
        let tokens = SessionTokens(capacity: 10, perTenant: 4)
        for _ in 0..<4 { _ = try tokens.mint(claims, now: start) }
        let error = #expect(throws: SyrinxError.self) { try tokens.mint(claims, now: start) }
        #expect(error?.code == "token.limit_exceeded")
        #expect(error?.retryable == true)
        _ = try tokens.mint(SessionTokens.Claims(tenant: "other", mintedBy: "k"), now: start)
    }

    @Test func `what sessions are to begin with takes up no more than four megabytes of a tenant`() throws {
        let tokens = SessionTokens()
        var claims = claims
        claims.settings = String(repeating: "x", count: 16 << 10)
        let minted = try (0..<256).map { _ in try tokens.mint(claims, now: start) }
        let error = #expect(throws: SyrinxError.self) { try tokens.mint(claims, now: start) }
        #expect(error?.code == "token.limit_exceeded" && error?.retryable == true)
        // Who brings nothing takes none of it, and others have their own.
        _ = try tokens.mint(self.claims, now: start)
        _ = try tokens.mint(SessionTokens.Claims(tenant: "other", mintedBy: "k", settings: claims.settings), now: start)
        let used = try #require(tokens.redeem(minted[0], now: start))
        _ = try tokens.mint(claims, now: start)
        // Its room has gone to another meanwhile.
        tokens.giveBack(used, now: start)
        #expect(tokens.redeem(minted[0], now: start) == nil)
        #expect(tokens.revoke(tenant: "acme") == 257)
        _ = try tokens.mint(claims, now: start)
    }

    @Test func `a full table takes no more until something expires, and pushes nothing out`() throws {
        let tokens = SessionTokens(capacity: 3, perTenant: 3)
        let first = try tokens.mint(claims, lifetime: .seconds(10), now: start)
        let others = try (0..<2).map { _ in try tokens.mint(claims, lifetime: .seconds(100), now: start) }
        #expect(throws: SyrinxError.self) { try tokens.mint(claims, now: start + .seconds(9)) }
        _ = try tokens.mint(claims, now: start + .seconds(10))
        #expect(tokens.count == 3)
        #expect(tokens.redeem(first, now: start + .seconds(10)) == nil)
        for token in others { #expect(tokens.redeem(token, now: start + .seconds(11))?.claims == claims) }
    }

    @Test func `tokens are taken back by tenant and by user`() throws {
        let tokens = SessionTokens()
        let ann = try tokens.mint(claims, now: start)
        let bob = try tokens.mint(SessionTokens.Claims(tenant: "acme", user: "bob", mintedBy: "web"), now: start)
        let foreign = try tokens.mint(SessionTokens.Claims(tenant: "other", user: "ann", mintedBy: "k"), now: start)
        #expect(tokens.revoke(tenant: "acme", user: "ann") == 1)
        #expect(tokens.redeem(ann, now: start) == nil)
        #expect(tokens.revoke(tenant: "acme") == 1)
        #expect(tokens.redeem(bob, now: start) == nil)
        #expect(tokens.redeem(foreign, now: start) != nil)
    }

    @Test func `a token of which no session came is as good as before, and no longer`() throws {
        let tokens = SessionTokens()
        let token = try tokens.mint(claims, now: start)
        for second in [1, 30, 59] {
            let used = try #require(tokens.redeem(token, now: start + .seconds(second)))
            #expect(tokens.redeem(token, now: start + .seconds(second)) == nil)
            tokens.giveBack(used, now: start + .seconds(second))
        }
        let last = try #require(tokens.redeem(token, now: start + .seconds(59)))
        tokens.giveBack(last, now: start + .seconds(60))
        #expect(tokens.count == 0)
    }

    @Test func `what was taken back meanwhile is not given back`() throws {
        let tokens = SessionTokens()
        let used = try #require(tokens.redeem(tokens.mint(claims, now: start), now: start))
        #expect(tokens.revoke(tenant: "acme", user: "ann") == 0)
        tokens.giveBack(used, now: start)
        #expect(tokens.count == 0)
    }

    @Test func `of a hundred who use a token at once, one gets in`() async throws {
        let tokens = SessionTokens()
        let token = try tokens.mint(claims, now: start)
        let admitted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { tokens.redeem(token, now: start) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(admitted == 1)
    }

    @Test func `a token of another kind opens no session`() throws {
        let tokens = SessionTokens()
        let token = try tokens.mint(claims, now: start)
        for text in ["", "syt_", "syr_" + token.dropFirst(4), token + " ", token.lowercased() + "x"] {
            #expect(tokens.redeem(text, now: start) == nil)
        }
        #expect(tokens.redeem(token, now: start) != nil)
    }
}

struct ResumeTokenTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test func `a token leads back to its session, once`() throws {
        let tokens = ResumeTokens(capacity: 10)
        let token = try #require(tokens.issue(session: "s1", now: start))
        tokens.connectionLost(session: "s1", until: start + .seconds(30))
        #expect(tokens.redeem(token, now: start + .seconds(29)) == "s1")
        #expect(tokens.redeem(token, now: start + .seconds(29)) == nil)
    }

    @Test func `the window ends`() throws {
        let tokens = ResumeTokens(capacity: 10)
        let token = try #require(tokens.issue(session: "s1", now: start))
        tokens.connectionLost(session: "s1", until: start + .seconds(30))
        #expect(tokens.redeem(token, now: start + .seconds(30)) == nil)
    }

    @Test func `while the connection lives the token does not expire`() throws {
        let tokens = ResumeTokens(capacity: 10)
        let token = try #require(tokens.issue(session: "s1", now: start))
        #expect(tokens.redeem(token, now: start + .seconds(86_400)) == "s1")
    }

    @Test func `a new token takes the place of the old`() throws {
        let tokens = ResumeTokens(capacity: 10)
        let old = try #require(tokens.issue(session: "s1", now: start))
        let new = try #require(tokens.issue(session: "s1", now: start))
        #expect(tokens.count == 1)
        #expect(tokens.redeem(old, now: start) == nil)
        #expect(tokens.redeem(new, now: start) == "s1")
    }

    @Test func `a session that has ended cannot be resumed`() throws {
        let tokens = ResumeTokens(capacity: 10)
        let token = try #require(tokens.issue(session: "s1", now: start))
        tokens.forget(session: "s1")
        #expect(tokens.redeem(token, now: start) == nil)
        #expect(tokens.count == 0)
    }

    @Test func `when there is no room a session goes on without`() throws {
        let tokens = ResumeTokens(capacity: 1)
        let first = try #require(tokens.issue(session: "s1", now: start))
        #expect(tokens.issue(session: "s2", now: start) == nil)
        #expect(tokens.redeem(first, now: start) == "s1")
        #expect(tokens.issue(session: "s2", now: start) != nil)
    }
}
