// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxRuntime

@Suite("The door of a busy host")
struct LoadGateTests {
    private static let limits = LoadGate.Limits(
        cpu: 0.9, loopLag: .milliseconds(100), memory: 1_000_000, recover: 0.8, patience: .seconds(1))

    /// A sample every half second.
    private static func closed(_ samples: [LoadGate.Sample]) -> [String?] {
        var gate = LoadGate(limits: limits)
        return samples.enumerated().map { index, sample in
            gate.take(sample, at: Instant(nanoseconds: Int64(index) * 500_000_000))
            return gate.closedBy
        }
    }

    @Test func `a short peak closes nothing`() {
        #expect(Self.closed([.init(cpu: 1), .init(cpu: 0.1), .init(cpu: 1), .init(cpu: 1)]) == [nil, nil, nil, nil])
    }

    @Test func `what lasts closes it, and only real rest opens it`() {
        let cpu = [1, 1, 1, 0.85, 0.85, 0.85, 0.85, 0.5, 0.5, 0.5]
        let closed = Self.closed(cpu.map { LoadGate.Sample(cpu: $0) })
        #expect(closed == [nil, nil, "cpu", "cpu", "cpu", "cpu", "cpu", "cpu", "cpu", nil])
    }

    @Test func `each measure closes it, under its own name`() {
        let late = LoadGate.Sample(loopLag: .milliseconds(150)), large = LoadGate.Sample(memory: 2_000_000)
        #expect(Self.closed([late, late, late]).last == "loop_lag")
        #expect(Self.closed([large, large, large]).last == "memory")
    }

    @Test func `who is refused is told when to ask again`() {
        var gate = LoadGate(limits: Self.limits)
        for index in 0..<3 { gate.take(.init(cpu: 1), at: Instant(nanoseconds: Int64(index) * 1_000_000_000)) }
        #expect {
            try gate.check()
        } throws: {
            let error = $0 as? SyrinxError
            return error?.code == "session.overloaded" && error?.retryAfter == .seconds(5) && error?.retryable == true
        }
    }

    @Test func `without limits it stays open`() {
        var gate = LoadGate()
        for index in 0..<9 {
            gate.take(
                .init(cpu: 9, loopLag: .seconds(9), memory: .max),
                at: Instant(nanoseconds: Int64(index) * 1_000_000_000))
        }
        #expect(gate.closedBy == nil)
    }
}
