// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxRuntime

@Suite("Places of the host, of tenants and of providers")
struct CapacityLedgerTests {
    private static func ledger(
        _ sessions: Int = 10, tenants: [String: SessionLimits.Tenant] = [:], providers: [String: Int] = [:]
    ) -> CapacityLedger {
        CapacityLedger(limits: SessionLimits(maxSessions: sessions, tenants: tenants, providers: providers))
    }

    @Test func `exactly as many as there are places, and each end frees one`() {
        var ledger = Self.ledger(3)
        let claim = CapacityClaim()
        #expect(
            (0..<5).map { _ in ledger.reserve(claim)?.code } == [
                nil, nil, nil, "session.limit_exceeded", "session.limit_exceeded",
            ])
        ledger.release(claim)
        #expect(ledger.reserve(claim) == nil)
        #expect(ledger.total == 3)
    }

    @Test func `a full tenant leaves the others their places`() {
        var ledger = Self.ledger(10, tenants: ["acme": .init(sessions: 2)])
        let acme = CapacityClaim(tenant: "acme"), other = CapacityClaim(tenant: "other")
        #expect((0..<3).map { _ in ledger.reserve(acme)?.code } == [nil, nil, "tenant.limit_exceeded"])
        #expect((0..<9).map { _ in ledger.reserve(other)?.code }.filter { $0 != nil } == ["session.limit_exceeded"])
        #expect(ledger.byTenant == ["acme": 2, "other": 8])
    }

    @Test func `nobody else takes what is reserved`() {
        var ledger = Self.ledger(5, tenants: ["acme": .init(reserved: 2)])
        let acme = CapacityClaim(tenant: "acme"), other = CapacityClaim(tenant: "other")
        #expect((0..<4).map { _ in ledger.reserve(other)?.code } == [nil, nil, nil, "session.limit_exceeded"])
        #expect((0..<3).map { _ in ledger.reserve(acme)?.code } == [nil, nil, "session.limit_exceeded"])
    }

    @Test func `a refused claim takes nothing`() {
        var ledger = Self.ledger(10, providers: ["stt": 1])
        let claim = CapacityClaim(providers: ["stt", "tts"])
        #expect(ledger.reserve(claim) == nil)
        #expect(ledger.reserve(claim)?.code == "provider.limit_exceeded")
        #expect(ledger.byProvider == ["stt": 1, "tts": 1])
        #expect(ledger.reserve(CapacityClaim(providers: ["tts"])) == nil)
        ledger.release(claim)
        #expect(ledger.byProvider == ["tts": 1])
    }

    @Test func `a place that changes hands is never lost and never doubled`() {
        var ledger = Self.ledger(2, tenants: ["acme": .init(sessions: 1)], providers: ["stt": 1])
        let visitor = CapacityClaim(tenant: CapacityClaim.nobody, providers: ["phone"])
        let acme = CapacityClaim(tenant: "acme", providers: ["phone", "stt"])
        #expect((0..<3).map { _ in ledger.reserve(visitor)?.code } == [nil, nil, "session.limit_exceeded"])
        #expect(ledger.exchange(visitor, for: acme) == nil, "a full host has the place that is given up")
        #expect(ledger.exchange(visitor, for: acme)?.code == "tenant.limit_exceeded")
        #expect(ledger.byTenant == ["acme": 1, CapacityClaim.nobody: 1])
        #expect(ledger.byProvider == ["phone": 2, "stt": 1])
    }

    @Test func `a caller of nobody yet may turn out to be one for whom a place is reserved`() {
        var ledger = Self.ledger(1, tenants: ["acme": .init(reserved: 1)])
        let visitor = CapacityClaim(tenant: CapacityClaim.nobody)
        #expect(ledger.reserve(visitor) == nil)
        #expect(ledger.exchange(visitor, for: CapacityClaim(tenant: "other"))?.code == "session.limit_exceeded")
        #expect(ledger.exchange(visitor, for: CapacityClaim(tenant: "acme")) == nil)
    }

    @Test func `no limit is no limit`() {
        var ledger = Self.ledger(0)
        for _ in 0..<5000 { #expect(ledger.reserve(CapacityClaim()) == nil) }
    }

    /// Whatever comes in whatever order, no count exceeds its limit, and in the end all are free.
    @Test(arguments: 1...20)
    func `no order of claims and ends breaks a limit`(seed: UInt64) {
        var random = Seeded(seed)
        let tenants: [String: SessionLimits.Tenant] = ["a": .init(sessions: 4, reserved: 2), "b": .init(reserved: 3)]
        var ledger = Self.ledger(9, tenants: tenants, providers: ["p": 3])
        var held: [CapacityClaim] = []
        for _ in 0..<500 {
            if Bool.random(using: &random), let index = held.indices.randomElement(using: &random) {
                ledger.release(held.remove(at: index))
                continue
            }
            let claim = CapacityClaim(
                tenant: ["a", "b", "c"].randomElement(using: &random) ?? "a",
                providers: Bool.random(using: &random) ? ["p"] : [])
            if ledger.reserve(claim) == nil { held.append(claim) }
            #expect(ledger.total == held.count && ledger.total <= 9)
            #expect((ledger.byTenant["a"] ?? 0) <= 4 && (ledger.byProvider["p"] ?? 0) <= 3)
            #expect((ledger.byTenant["c"] ?? 0) <= 9 - 2 - 3)
        }
        for claim in held { ledger.release(claim) }
        #expect(ledger.total == 0 && ledger.byTenant.isEmpty && ledger.byProvider.isEmpty)
    }
}

/// The same numbers for the same seed (SplitMix64).
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
