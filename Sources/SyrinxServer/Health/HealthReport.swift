// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime
internal import SyrinxStore

/// `/healthz`: healthy, degraded from 90 % of capacity on or with a sick provider or an open breaker,
/// unhealthy without a usable profile.
struct HealthReport: Sendable {
    let manager: SessionManager
    let environment: RuntimeEnvironment
    let live: LivePlugins
    /// Nil where none are kept.
    let records: RecordStore?

    enum Status: String { case healthy, degraded, unhealthy }

    /// Without what the host is made of.
    func summary() -> Response {
        let status = status
        return SyrinxServer.answer(
            status == .unhealthy ? .serviceUnavailable : .ok,
            ["status": .string(status.rawValue), "draining": .bool(manager.isDraining)])
    }

    func answer() -> Response {
        let status = status
        return SyrinxServer.answer(
            status == .unhealthy ? .serviceUnavailable : .ok,
            [
                "status": .string(status.rawValue), "draining": .bool(manager.isDraining),
                "sessions": [
                    "active": .int(Int64(manager.activeCount)), "limit": .int(Int64(manager.limits.maxSessions)),
                ],
                "records": recordsJSON, "load": .string(manager.loadGate.closedBy ?? "ok"),
                "profiles": .object(profiles), "providers": .array(providers),
                "plugin_events": live.counters, "breakers": .array(breakers.map(HostStatus.json)),
            ])
    }

    private var status: Status {
        let profiles = manager.profiles.all
        if !profiles.contains(where: { (try? $0.result.get()) != nil }) { return .unhealthy }
        let limits = manager.limits
        let full =
            limits.maxSessions > 0
            && Double(manager.activeCount) >= Double(limits.maxSessions) * limits.degradedAt
        let sick = manager.host.openProviders.contains { (try? $0.health().get()) == nil }
        let hampered = !breakers.isEmpty || records?.fault != nil || manager.loadGate.closedBy != nil
        return full || sick || hampered ? .degraded : .healthy
    }

    private var breakers: [(key: BreakerBoard.Key, state: CircuitBreaker.State)] {
        manager.breakers.notClosed(at: environment.now())
    }

    private var recordsJSON: JSONValue {
        guard let records else { return ["status": "off"] }
        guard let fault = records.fault else { return ["status": "ok"] }
        return ["status": "failing", "code": .string(fault.code), "message": .string(fault.description)]
    }

    private var profiles: [String: JSONValue] {
        Dictionary(
            uniqueKeysWithValues: manager.profiles.all.map { name, result in
                switch result {
                case .success: (name, ["status": "ready"])
                case .failure(let error):
                    (
                        name,
                        ["status": "unavailable", "code": .string(error.code), "message": .string(error.description)]
                    )
                }
            })
    }

    private var providers: [JSONValue] {
        manager.host.openProviders.sorted {
            ($0.descriptor.kind, $0.descriptor.id) < ($1.descriptor.kind, $1.descriptor.id)
        }
        .map { provider in
            var line: [String: JSONValue] = [
                "kind": .string(provider.descriptor.kind.name), "id": .string(provider.descriptor.reference),
                "sessions": .int(Int64(provider.openSessions)), "faults": .int(Int64(provider.faults)),
                "calls": Self.json(provider.meters),
            ]
            let metrics = environment.metrics(of: provider.descriptor.reference)
            if !metrics.isEmpty { line["metrics"] = .object(metrics.mapValues(JSONValue.double)) }
            if case .failure(let error) = provider.health() { line["error"] = .string(error.description) }
            return .object(line)
        }
    }

    /// Time in the plugin's functions, of sessions that have ended. `process` is timed once in 64 calls.
    private static func json(_ meters: CallMeters) -> JSONValue {
        func json(_ meter: CallMeter) -> JSONValue {
            [
                "count": .int(Int64(clamping: meter.calls)),
                "mean_us": .double((meter.mean / 100).rounded() / 10),
                "max_us": .double((Double(meter.longest) / 100).rounded() / 10),
            ]
        }
        return ["handle": json(meters.handle), "process": json(meters.process), "work": json(meters.work)]
    }
}
