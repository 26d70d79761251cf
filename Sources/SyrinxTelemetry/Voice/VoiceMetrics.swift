// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// What a voice backend counts, as plain calls. Thread-safe; none waits.
///
/// Sessions agree with the records: in every scrape those started are those ended and those active.
package final class VoiceMetrics: Sendable {
    package let registry: MetricRegistry
    /// For what others keep: `series.host.loopLag.observe(value:)`.
    package let series: VoiceSeries
    private let tenantLabel: Bool

    /// - Parameter tenantLabel: `telemetry.tenant_label`; without it tenants are counted together.
    package init(registry: MetricRegistry = MetricRegistry(), tenantLabel: Bool = false) {
        self.registry = registry
        self.tenantLabel = tenantLabel
        series = VoiceSeries(registry, tenantLabel: tenantLabel)
        series.host.build[SyrinxVersion.current].set(1)
    }

    /// The answer of `/metrics`, of type ``PrometheusText/contentType``.
    package func text() -> String { PrometheusText.of(registry) }

    private func of(_ tenant: String, _ labels: String...) -> [String] { tenantLabel ? [tenant] + labels : labels }

    // MARK: sessions

    /// Exactly one of these for each session, and one `sessionEnded` after it.
    package func sessionStarted(tenant: String, profile: String) {
        let (started, active) = (series.sessions.started[of(tenant, profile)], series.sessions.active[of(tenant)])
        registry.together {
            started.add()
            active.add(1)
        }
    }

    package func sessionEnded(tenant: String, reason: CloseReason, after duration: Duration) {
        let ended = series.sessions.ended[of(tenant, reason.rawValue)]
        let active = series.sessions.active[of(tenant)]
        registry.together {
            ended.add()
            active.add(-1)
        }
        series.sessions.duration[of(tenant)].observe(duration)
    }

    /// - Parameter code: of our errors, `session.draining`.
    package func sessionRefused(tenant: String, code: String) { series.sessions.refused[of(tenant, code)].add() }

    package func sessionResumed(tenant: String) { series.sessions.resumed[of(tenant)].add() }

    // MARK: turns

    /// - Parameters:
    ///   - outcome: `answered`, `interrupted`, `failed`.
    ///   - failure: the error code of a failed turn.
    package func turnEnded(tenant: String, outcome: String, failure: String? = nil, latency: TurnLatency) {
        series.turns.ended[of(tenant, outcome)].add()
        if let failure { series.turns.failures[of(tenant, failure)].add() }
        for (step, time) in latency.steps { series.turns.step[of(tenant, step)].observe(time) }
        if let response = latency.response { series.turns.response[of(tenant)].observe(response) }
    }

    /// A response latency was over `telemetry.latency_target`.
    package func latencyTargetMissed(tenant: String) { series.turns.targetMissed[of(tenant)].add() }

    /// - Parameter stopped: from the caller's speech to the agent's silence.
    package func interrupted(tenant: String, stopped: Duration) {
        series.turns.interruptions[of(tenant, "confirmed")].add()
        series.turns.stop[of(tenant)].observe(stopped)
    }

    /// A cough, a backchannel: the agent went on.
    package func interruptedFalsely(tenant: String) { series.turns.interruptions[of(tenant, "false")].add() }

    /// - Parameter result: a fixed word, `won`, `lost` or `failed`: what became of the second provider.
    package func hedged(tenant: String, kind: String, result: String, count: Int) {
        guard count > 0 else { return }
        series.providers.hedges[of(tenant, kind, result)].add(count)
    }

    // MARK: changes in the middle of a call

    /// - Parameter reason: a fixed word, `requested`, `tools`, `failure`.
    package func pipelineSwitched(tenant: String, reason: String) {
        series.sessions.pipelineSwitches[of(tenant, reason)].add()
    }

    /// - Parameter source: a fixed word, `requested`, `agent`, `detected`.
    package func languageChanged(tenant: String, source: String) {
        series.sessions.languageChanges[of(tenant, source)].add()
    }

    // MARK: audio

    /// Ask once for each session.
    package func audioMeter(tenant: String) -> AudioMeter {
        let audio = series.audio
        return AudioMeter(
            framesIn: audio.frames[of(tenant, "in")], framesOut: audio.frames[of(tenant, "out")],
            timeIn: audio.time[of(tenant, "in")], timeOut: audio.time[of(tenant, "out")],
            late: audio.late[of(tenant)])
    }

    /// - Parameter cause: a fixed word, `slow_reader`.
    package func framesDropped(tenant: String, cause: String, _ count: Int = 1) {
        series.audio.dropped[of(tenant, cause)].add(count)
    }

    // MARK: providers

    /// - Parameters:
    ///   - kind: `stt`, `agent`, `tts`, …
    ///   - error: the error code of a request that failed.
    package func providerAnswered(kind: String, provider: String, after time: Duration?, error: String? = nil) {
        series.providers.requests[kind, provider].add()
        if let error { series.providers.errors[kind, provider, error].add() }
        if let time { series.providers.time[kind, provider].observe(time) }
    }

    /// - Parameter isKept: there was a connection already.
    package func connected(kind: String, provider: String, after wait: Duration, isKept: Bool) {
        series.providers.acquire[kind, provider, isKept ? "kept" : "new"].observe(wait)
    }

    package func synthesised(tenant: String, provider: String, characters: Int) {
        series.providers.characters[of(tenant, provider)].add(characters)
    }

    package func tokensUsed(tenant: String, input: Int64, output: Int64) {
        for (direction, count) in [("input", input), ("output", output)] where count > 0 {
            series.providers.tokens[of(tenant, direction)].add(Int(clamping: count))
        }
    }

    package func toolsCalled(tenant: String, _ count: Int = 1) { series.providers.tools[of(tenant)].add(count) }

    // MARK: doors

    /// - Parameter route: the template, `/v1/sessions/{id}`, never the path that a stranger sent.
    package func httpAnswered(route: String, method: String, status: Int, after time: Duration) {
        let method = Self.methods.contains(method) ? method : MetricDeclaration.overflowValue
        series.doors.requests[route, method, String(status)].add()
        series.doors.time[route].observe(time)
    }

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    package func authenticationFailed(code: String) { series.doors.authenticationFailures[code].add() }

    /// - Parameter limit: which rate: `tenant`, `address`.
    package func rateLimited(by limit: String) { series.doors.rateLimited[limit].add() }

    // MARK: the host

    /// - Parameter result: `applied`, `unchanged`, `refused`.
    package func reloaded(_ result: String) { series.host.reloads[result].add() }

    /// - Parameter result: `complete`, or why it ended early: `disk_full`.
    package func recordingEnded(_ result: String) { series.outlets.recordings[result].add() }
}
