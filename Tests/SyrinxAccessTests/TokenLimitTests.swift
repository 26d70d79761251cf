// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxAccess

/// Each limit of a signed token, at n and at n + 1.
struct TokenLimitTests {
    private let fixture: AccessFixture
    private let control: AccessControl

    init() throws {
        fixture = try AccessFixture(algorithm: .hs256)
        control = try fixture.control()
    }

    private func isTaken(_ token: String) -> Bool {
        (try? control.resolve(.bearer(token), needing: .talk, now: fixture.now)) != nil
    }

    private func isTaken(_ claims: [String: JSONValue?]) throws -> Bool {
        isTaken(try fixture.forge.token(claims: claims))
    }

    @Test func `a token of 8 KiB is read, one byte more is not`() throws {
        // Six bits a character: the padding that comes nearest to the size from both sides.
        var sizes: [Int: String] = [:]
        let spare = CompactToken.maximumBytes - (try fixture.forge.token(claims: ["x": ""])).utf8.count
        for count in (spare * 3 / 4 - 3)...(spare * 3 / 4 + 3) {
            let token = try fixture.forge.token(claims: ["x": .string(String(repeating: "a", count: count))])
            sizes[token.utf8.count] = token
        }
        let taken = sizes.filter { isTaken($0.value) }.keys
        let refused = sizes.filter { !isTaken($0.value) }.keys
        #expect(taken.max().map { $0 <= CompactToken.maximumBytes && $0 > CompactToken.maximumBytes - 2 } == true)
        #expect(refused.min().map { $0 > CompactToken.maximumBytes } == true)
    }

    @Test func `16 audiences are read, 17 are not`() throws {
        let others = Array(repeating: JSONValue.string("x"), count: 15)
        #expect(try isTaken(["aud": .array(others + ["syrinx"])]))
        #expect(try !isTaken(["aud": .array(others + ["x", "syrinx"])]))
    }

    @Test func `a user has up to 256 bytes`() throws {
        #expect(try isTaken(["sub": .string(String(repeating: "é", count: 128))]))
        #expect(try !isTaken(["sub": .string(String(repeating: "é", count: 128) + "a")]))
    }

    @Test func `claims are nested up to 8 levels, the outermost among them`() throws {
        func nested(_ levels: Int) -> JSONValue { (0..<levels).reduce(.null) { inner, _ in .array([inner]) } }
        #expect(try isTaken(["x": nested(7)]))
        #expect(try !isTaken(["x": nested(8)]))
    }

    @Test func `a token lives as long as the tenant allows, and is not taken in its last millisecond plus one`() throws
    {
        let end = fixture.now.seconds + 3600
        #expect(try isTaken(["exp": .int(end)]))
        #expect(try !isTaken(["exp": .int(end + 1)]))
        let token = try fixture.forge.token()
        for (offset, isGood) in [(-1, true), (0, false)] as [(Int64, Bool)] {
            let now = UnixTime(milliseconds: end * 1000 + offset)
            let grant = try? control.resolve(.bearer(token), needing: .talk, now: now)
            #expect((grant != nil) == isGood)
        }
    }

    @Test func `without a limit of the tenant a token lives as long as it says`() throws {
        var policy = fixture.policy
        policy.tenants[0].signedTokens[0].maxLifetime = nil
        let control = try AccessControl(policy)
        let token = try fixture.forge.token(claims: ["exp": .int(fixture.now.seconds + 10 * 365 * 86_400)])
        #expect(try control.resolve(.bearer(token), needing: .talk, now: fixture.now).tenant == "acme")
    }
}
