// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxTelemetry
import Testing

@Suite(.tags(.unit)) struct VoiceMetricsTests {
    private func value(_ series: String, in metrics: VoiceMetrics) -> Double? {
        for line in metrics.text().split(separator: "\n") where line.hasPrefix(series + " ") {
            return Double(line.dropFirst(series.utf8.count + 1))
        }
        return nil
    }

    @Test func `sessions started are those ended and those active, also while they come and go`() async {
        let metrics = VoiceMetrics(tenantLabel: true)
        await withTaskGroup(of: Bool.self) { group in
            for tenant in ["acme", "globex"] {
                group.addTask {
                    for turn in 0..<300 {
                        metrics.sessionStarted(tenant: tenant, profile: "p\(turn % 3)")
                        guard turn % 10 != 0 else { continue }
                        metrics.sessionEnded(tenant: tenant, reason: .userHangup, after: .seconds(1))
                    }
                    return true
                }
            }
            group.addTask { (0..<30).allSatisfy { _ in self.reconciles(metrics) } }
            for await held in group { #expect(held) }
        }
        #expect(value(#"syrinx_sessions_active{tenant="acme"}"#, in: metrics) == 30)
        #expect(value(#"syrinx_sessions_ended_total{tenant="globex",reason="user_hangup"}"#, in: metrics) == 270)
    }

    private func reconciles(_ metrics: VoiceMetrics) -> Bool {
        var sums: [String: Int64] = [:]
        for (declaration, series) in metrics.registry.read() {
            for case .whole(let value) in series.map(\.reading) { sums[declaration.name, default: 0] += value }
        }
        let gone = sums["syrinx_sessions_ended_total", default: 0]
        return sums["syrinx_sessions_started_total", default: 0] == gone + sums["syrinx_sessions_active", default: 0]
    }

    @Test func `sessions agree with each other also beyond the label's bound`() {
        let metrics = VoiceMetrics(tenantLabel: true)
        for tenant in 0..<2500 { metrics.sessionStarted(tenant: "t\(tenant)", profile: "p") }
        for tenant in 0..<2500 { metrics.sessionEnded(tenant: "t\(tenant)", reason: .admin, after: .zero) }
        #expect(reconciles(metrics))
        #expect(value(#"syrinx_sessions_active{tenant="other"}"#, in: metrics) == 0)
        #expect(value(#"syrinx_metric_overflows_total{metric="syrinx_sessions_active"}"#, in: metrics) == 1000)
    }

    @Test func `tenants are told apart only where that is asked for`() {
        let metrics = VoiceMetrics()
        metrics.sessionRefused(tenant: "acme", code: "session.draining")
        metrics.turnEnded(tenant: "acme", outcome: "answered", latency: TurnLatency(response: .milliseconds(300)))
        metrics.audioMeter(tenant: "acme").received()
        #expect(!metrics.text().contains("acme"))
        #expect(value(#"syrinx_sessions_refused_total{code="session.draining"}"#, in: metrics) == 1)
        #expect(value(#"syrinx_response_latency_seconds_bucket{le="0.3"}"#, in: metrics) == 1)
        #expect(value(#"syrinx_audio_seconds_total{direction="in"}"#, in: metrics) == 0.02)
    }

    @Test func `a turn's steps are counted where they happened`() {
        let metrics = VoiceMetrics()
        metrics.turnEnded(
            tenant: "t", outcome: "failed", failure: "provider.timeout",
            latency: TurnLatency(endpointing: .milliseconds(310), stt: .milliseconds(40)))
        #expect(value(#"syrinx_turn_step_seconds_sum{step="endpointing"}"#, in: metrics) == 0.31)
        #expect(value(#"syrinx_turn_step_seconds_count{step="agent"}"#, in: metrics) == nil)
        #expect(value(#"syrinx_turn_failures_total{code="provider.timeout"}"#, in: metrics) == 1)
        #expect(value("syrinx_response_latency_seconds_count", in: metrics) == 0)
    }

    @Test func `methods that a stranger makes up are one`() {
        let metrics = VoiceMetrics()
        for method in ["GET", "BREW", "X"] {
            metrics.httpAnswered(route: "/v1/talk", method: method, status: 405, after: .zero)
        }
        let other = #"syrinx_http_requests_total{route="/v1/talk",method="other",status="405"}"#
        #expect(value(other, in: metrics) == 2)
    }

    @Test func `every series is declared once, in base units, with a sentence`() {
        let declared = VoiceMetrics().registry.declarations
        #expect(Set(declared.map(\.name)).count == declared.count)
        #expect(declared.count >= 50)
        for one in declared {
            #expect(one.name.hasPrefix("syrinx_") && one.help.hasSuffix("."), "\(one.name)")
            #expect(one.name.hasSuffix("_total") == (one.kind == .counter), "\(one.name)")
            #expect(!["_ms", "_milliseconds", "_percent"].contains { one.name.hasSuffix($0) }, "\(one.name)")
        }
    }

    @Test(.enabled(if: Promtool.isInstalled)) func `promtool finds nothing to say about any series`() throws {
        let metrics = VoiceMetrics(tenantLabel: true)
        exercise(metrics)
        let (output, isClean) = try Promtool.run(["check", "metrics"], input: metrics.text())
        #expect(isClean && output.isEmpty, "\(output)")
    }

    private func exercise(_ metrics: VoiceMetrics) {
        metrics.sessionStarted(tenant: "acme", profile: "reception")
        metrics.sessionEnded(tenant: "acme", reason: .drained, after: .seconds(61))
        metrics.interrupted(tenant: "acme", stopped: .milliseconds(80))
        metrics.interruptedFalsely(tenant: "acme")
        metrics.framesDropped(tenant: "acme", cause: "slow_reader")
        metrics.providerAnswered(kind: "tts", provider: "flite@1", after: .milliseconds(7), error: "provider.timeout")
        metrics.httpAnswered(route: "/readyz", method: "GET", status: 200, after: .microseconds(90))
        let host = metrics.series.host
        for family in [host.cpu, host.memory, host.openFiles, host.loopLag, host.startTime] {
            family.observe(value: { 1.5 })
        }
        metrics.series.providers.sick.observe { [(["flite"], 1)] }
        metrics.series.outlets.webhooks.observe { [(["crm", "delivered"], 3)] }
    }
}
