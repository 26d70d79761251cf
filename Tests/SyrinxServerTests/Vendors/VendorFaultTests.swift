// SPDX-License-Identifier: Apache-2.0

import SyrinxHost
import Testing

/// Each provider that speaks with a vendor, in the host, against all that a vendor may do: the failure has its class,
/// the turn has an outcome, and nothing traps.
@Suite("Vendors that fail", .tags(.integration), .timeLimit(.minutes(5)))
struct VendorFaultTests {
    /// In session time: no turn is without an outcome for longer.
    private static let patienceMilliseconds = 8_000.0

    @Test(arguments: Vendor.allCases)
    func `a fault of the vendor gives the turn its outcome, and the failure its class`(vendor: Vendor) async throws {
        let bench = try await VendorBench(vendor, VendorFault.all(of: vendor))
        do {
            for (fault, outcome) in try await bench.outcomes() { check(fault, outcome, vendor) }
        } catch {
            await bench.stop()
            throw error
        }
        await bench.stop()
    }

    private func check(_ fault: VendorFault, _ outcome: VendorBench.Outcome, _ vendor: Vendor) {
        let comment: Comment = "\(vendor.rawValue), \(fault.name): \(outcome)"
        #expect(outcome.milliseconds < Self.patienceMilliseconds, comment)
        guard !fault.isHarmless else {
            #expect(outcome.code == "answered", comment)
            return
        }
        let classes = Set(fault.classes.map { "provider.\($0)" })
        let patience = Set(["provider.timeout", vendor.impatience])
        #expect(classes.union(fault.mayTakeLong ? patience : []).contains(outcome.code), comment)
        if !classes.isEmpty { #expect(!outcome.told.union([outcome.code]).isDisjoint(with: classes), comment) }
        // Speech to speech has no breaker that could wait.
        if fault.asksForPause, vendor.kind != .s2s { #expect(outcome.isLeftAlone, comment) }
    }
}
