// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxCore
internal import SyrinxHost
internal import SyrinxRuntime
internal import SyrinxTelemetry

/// What the host itself knows, read at each scrape.
enum HostMetrics {
    static func observe(_ metrics: VoiceMetrics, _ connections: ConnectionLedger) {
        metrics.series.doors.connections.observe { [(["public"], Double(connections.count))] }
    }

    static func observe(
        _ metrics: VoiceMetrics, _ manager: SessionManager, _ live: LivePlugins, _ policies: PolicyStore,
        startedAt: Date
    ) {
        let series = metrics.series
        series.providers.sick.observe {
            manager.host.openProviders.map { provider in
                ([provider.descriptor.reference], (try? provider.health().get()) == nil ? 1 : 0)
            }
        }
        series.providers.breakerOpen.observe {
            let open = manager.breakers.notClosed(at: manager.host.environment.now())
            return Dictionary(grouping: open, by: \.key.provider).map { ([$0.key], Double($0.value.count)) }
        }
        series.providers.pluginEvents.observe {
            (live.counters.object ?? [:]).map { ([$0.key], Double($0.value.int ?? 0)) }
        }
        series.sessions.capacity.observe(value: { Double(manager.limits.maxSessions) })
        series.sessions.reserved.observe(value: { Double(max(0, manager.activeCount - manager.sessions.count)) })
        series.host.loopLag.observe(value: { manager.loadGate.latest.loopLag / .seconds(1) })
        series.host.gateClosed.observe(value: { manager.loadGate.closedBy == nil ? 0 : 1 })
        series.host.draining.observe(value: { manager.isDraining ? 1 : 0 })
        series.host.generation.observe(value: { Double(policies.generation.number) })
        series.host.cpu.observe(value: { ProcessUsage.now().cpu / .seconds(1) })
        series.host.memory.observe(value: { Double(ProcessUsage.now().memory) })
        series.host.openFiles.observe(value: { Double(ProcessUsage.now().openFiles) })
        series.host.threads.observe(value: { Double(ProcessUsage.now().threads) })
        series.host.startTime.observe(value: { startedAt.timeIntervalSince1970 })
    }
}
