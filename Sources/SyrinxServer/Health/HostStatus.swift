// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime

/// What an operator wants to know at a glance.
struct HostStatus: Sendable {
    let manager: SessionManager
    let policies: PolicyStore
    let startedAt: Date

    var json: JSONValue {
        let generation = policies.generation
        return [
            "version": .string(SyrinxVersion.current), "pid": .int(Int64(ProcessInfo.processInfo.processIdentifier)),
            "state": .string(readiness.rawValue), "started": .string(Self.text(startedAt)),
            "uptime_s": .int(Int64(Date().timeIntervalSince(startedAt))),
            "generation": .int(Int64(generation.number)), "configured": .string(Self.text(generation.loadedAt)),
            "sessions": sessions, "tenants": tenants, "providers": providers, "load": load,
            "breakers": .array(manager.breakers.notClosed(at: manager.host.environment.now()).map(Self.json)),
        ]
    }

    /// Whether another session would be taken, and why not.
    enum Readiness: String { case ready, draining, overloaded, full = "at_capacity" }

    var readiness: Readiness {
        if manager.isDraining { return .draining }
        let limit = manager.limits.maxSessions
        if limit > 0, manager.activeCount >= limit { return .full }
        return manager.loadGate.closedBy == nil ? .ready : .overloaded
    }

    private var sessions: JSONValue { Self.places(manager.activeCount, limit: manager.limits.maxSessions) }

    /// Those that have a limit, or a session.
    private var tenants: JSONValue {
        let used = manager.usedByTenant
        let limits = manager.limits.tenants
        return .object(
            Dictionary(
                uniqueKeysWithValues: Set(used.keys).union(limits.keys).map { name in
                    (name, Self.places(used[name] ?? 0, limit: limits[name]?.sessions ?? 0))
                }))
    }

    private var providers: JSONValue {
        let used = manager.usedByProvider
        let limits = manager.limits.providers
        return .object(
            Dictionary(
                uniqueKeysWithValues: Set(used.keys).union(limits.keys).map { id in
                    (id, Self.places(used[id] ?? 0, limit: limits[id] ?? 0))
                }))
    }

    private var load: JSONValue {
        let gate = manager.loadGate
        var fields: [String: JSONValue] = [
            "cpu": .double((gate.latest.cpu * 1000).rounded() / 1000),
            "loop_lag_ms": .double((gate.latest.loopLag.milliseconds * 10).rounded() / 10),
            "memory_bytes": .int(Int64(gate.latest.memory)),
        ]
        if let reason = gate.closedBy { fields["closed_by"] = .string(reason) }
        return .object(fields)
    }

    /// A provider that is left alone, or on trial.
    static func json(_ breaker: (key: BreakerBoard.Key, state: CircuitBreaker.State)) -> JSONValue {
        [
            "tenant": .string(breaker.key.tenant), "kind": .string(breaker.key.kind),
            "provider": .string(breaker.key.provider), "state": .string(breaker.state.rawValue),
        ]
    }

    private static func places(_ active: Int, limit: Int) -> JSONValue {
        limit > 0 ? ["active": .int(Int64(active)), "limit": .int(Int64(limit))] : ["active": .int(Int64(active))]
    }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
