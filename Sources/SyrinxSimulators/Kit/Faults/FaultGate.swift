// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How often each fault has been met and has acted, over all connections of a server.
final class FaultCounters: Sendable {
    private struct Counts {
        var met = 0
        var hit = 0
    }

    private let counts: Mutex<[Counts]>

    init(_ plan: FaultPlan) { counts = Mutex(Array(repeating: Counts(), count: plan.faults.count)) }

    /// Whether a new request is not spared.
    fileprivate func meet(_ index: Int, skip: Int) -> Bool {
        counts.withLock { counts in
            counts[index].met += 1
            return counts[index].met > skip
        }
    }

    /// Whether the fault may act on one more request.
    fileprivate func take(_ index: Int, times: Int?) -> Bool {
        counts.withLock { counts in
            if let times, counts[index].hit >= times { return false }
            counts[index].hit += 1
            return true
        }
    }
}

/// The faults of one request: counts its points, says what is to happen.
struct FaultGate {
    private let plan: FaultPlan
    private let counters: FaultCounters
    /// Faults that may act here; true once they have, which counts once.
    private var candidates: [Int: Bool] = [:]
    private var passed: [String: Int] = [:]

    init(_ plan: FaultPlan, _ counters: FaultCounters, path: String) {
        self.plan = plan
        self.counters = counters
        for (index, fault) in plan.faults.enumerated() where fault.path.map(path.hasPrefix) ?? true {
            if counters.meet(index, skip: fault.skip) { candidates[index] = false }
        }
    }

    /// Counts the point.
    mutating func before(_ point: String?, isMessage: Bool = true) -> [FaultPlan.Action] {
        var count = 0
        if let point {
            passed[point, default: 0] += 1
            count = passed[point] ?? 0
        }
        return act { trigger in
            switch trigger {
            case .everyMessage: isMessage
            case .at(let name, let wanted): name == point && (wanted ?? count) == count
            case .after: false
            }
        }
    }

    mutating func after(_ point: String?) -> [FaultPlan.Action] {
        let count = point.flatMap { passed[$0] } ?? 0
        return act { trigger in
            guard case .after(let name, let wanted) = trigger else { return false }
            return name == point && wanted == count
        }
    }

    private mutating func act(_ matches: (FaultPlan.Trigger) -> Bool) -> [FaultPlan.Action] {
        guard !candidates.isEmpty else { return [] }
        var actions: [FaultPlan.Action] = []
        for index in plan.faults.indices {
            let fault = plan.faults[index]
            guard let hasActed = candidates[index], matches(fault.trigger) else { continue }
            guard hasActed || counters.take(index, times: fault.times) else {
                candidates[index] = nil
                continue
            }
            candidates[index] = true
            actions.append(fault.action)
        }
        return actions
    }
}
