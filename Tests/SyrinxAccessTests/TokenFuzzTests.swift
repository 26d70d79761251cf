// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxAccess

/// Good credentials with something changed in them, by seeds: none is taken, none traps.
struct TokenFuzzTests {
    @Test(arguments: JWTAlgorithm.allCases)
    func `two thousand mutated credentials are refused`(algorithm: JWTAlgorithm) throws {
        let fixture = try AccessFixture(algorithm: algorithm)
        let control = try fixture.control()
        let good = [
            try fixture.forge.token(),
            try fixture.forge.token(claims: ["exp": .double(1_767_225_700.5), "aud": ["x", "syrinx"]]),
            try #require(fixture.acme["all"]).text, fixture.operatorKey.text,
            try fixture.tokens.mint(.init(tenant: "acme", mintedBy: "all"), now: fixture.steady),
        ]
        let known = Set(good)
        var refused = 0
        for seed in 0..<2000 as Range<UInt64> {
            var random = Seeded(state: seed)
            let text = Self.mutated(good[Int(seed) % good.count], &random, good)
            guard !known.contains(text) else { continue }
            let credentials = Credentials.bearer(text)
            let result = outcome { () throws(AccessRefusal) in
                try control.resolve(credentials, needing: .talk, now: fixture.now) {
                    fixture.tokens.redeem($0, now: fixture.steady)?.claims
                }
            }
            #expect(result == "auth.invalid", "seed \(seed)")
            #expect(throws: AccessRefusal.self, "seed \(seed)") {
                try control.resolveOperator(credentials, now: fixture.now)
            }
            refused += 1
        }
        #expect(refused > 1900)
        // The good ones are good all the same.
        #expect(
            outcome { () throws(AccessRefusal) in
                try control.resolve(.bearer(good[0]), needing: .talk, now: fixture.now)
            } == "tenant:acme")
    }

    @Test func `signed nonsense is refused too`() throws {
        let fixture = try AccessFixture(algorithm: .hs256)
        let control = try fixture.control()
        let header = #"{"alg":"HS256","kid":"key-1"}"#
        let claims = JSONValue.object(TokenForge.claims).text
        for seed in 0..<2000 as Range<UInt64> {
            var random = Seeded(state: seed)
            let changesHeader = seed.isMultiple(of: 4)
            let text = Self.mutatedBytes(Array((changesHeader ? header : claims).utf8), &random)
            let part = String(decoding: text, as: UTF8.self)
            let token = try fixture.forge.sign(
                header: changesHeader ? part : header, claims: changesHeader ? claims : part)
            // What still says the same may be let in, and then as nobody else.
            let grant = try? control.resolve(.bearer(token), needing: nil, now: fixture.now)
            if let grant { #expect(grant.tenant == "acme" && grant.source == .jwt, "seed \(seed)") }
        }
    }

    private static func mutated(_ text: String, _ random: inout Seeded, _ others: [String]) -> String {
        if Int.random(in: 0..<10, using: &random) == 0 {
            // The parts of two tokens.
            let other = others[Int.random(in: 0..<others.count, using: &random)]
            let cut = Int.random(in: 0...min(text.count, other.count), using: &random)
            return String(text.prefix(cut) + other.dropFirst(cut))
        }
        return String(decoding: mutatedBytes(Array(text.utf8), &random), as: UTF8.self)
    }

    private static func mutatedBytes(_ original: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var bytes = original
        for _ in 0...Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            case 3: bytes[index] = Array(".-_=\"{}[]:,0eE+ \u{0}".utf8).randomElement(using: &random) ?? 0
            case 4: bytes.removeSubrange(index...)
            case 5: bytes.insert(contentsOf: bytes[index...].prefix(64), at: index)
            default: bytes.swapAt(index, Int.random(in: 0..<bytes.count, using: &random))
            }
        }
        return bytes
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
