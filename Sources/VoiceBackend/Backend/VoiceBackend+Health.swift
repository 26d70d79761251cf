// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore
internal import SyrinxHost

internal import struct Foundation.Date

extension VoiceBackend {
    /// Asks every open provider how it is, and counts places.
    public func healthCheck() async -> HealthStatus {
        let host = host
        let isOpen = gate.enter()
        let ill = isOpen ? (try? await SharedRuntime.blocking { host.illProviders }) ?? [:] : [:]
        if isOpen { gate.leave() }
        let (phase, limit) = state.withLock { ($0.machine.phase, $0.generation.config.maxConcurrentSessions) }
        let active = activeSessionCount
        var details = ["active_sessions": "\(active)", "max_sessions": limit == 0 ? "unlimited" : "\(limit)"]
        if limit > 0 { details["utilization"] = "\(Double(active * 1000 / limit) / 1000)" }
        details.merge(ill) { $1 }
        let isNearlyFull = limit > 0 && active * 10 >= limit * 9
        let (status, reason) = Self.judge(phase, isIll: !ill.isEmpty, isNearlyFull: isNearlyFull)
        if let reason { details["reason"] = reason }
        return HealthStatus(status: status, details: details, lastCheck: Date())
    }

    private static func judge(
        _ phase: BackendStateMachine.Phase, isIll: Bool, isNearlyFull: Bool
    ) -> (HealthStatus.Status, reason: String?) {
        switch phase {
        case .created, .starting: (.unknown, "not started")
        case .failed: (.unhealthy, "a provider did not open")
        case .stopped: (.unhealthy, "stopped")
        case .running where isIll, .draining where isIll: (.unhealthy, "a provider is ill")
        case .draining: (.degraded, "draining")
        case .running where isNearlyFull: (.degraded, "nine places of ten are taken")
        case .running: (.healthy, nil)
        }
    }
}

extension PluginHost {
    /// What is wrong, by provider.
    fileprivate var illProviders: [String: String] {
        var ill: [String: String] = [:]
        for provider in openProviders {
            guard case .failure(let error) = provider.health() else { continue }
            ill["provider.\(provider.descriptor.kind.name).\(provider.descriptor.id)"] =
                "\(error.code): \(error.message)"
        }
        return ill
    }
}
