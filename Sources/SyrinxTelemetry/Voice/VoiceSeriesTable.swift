// SPDX-License-Identifier: Apache-2.0

/// Every series that this program has: name, what it says, labels. Dashboards and alerts may rely on all of them.
///
/// Those made with `tenants` have the label `tenant` as well where `telemetry.tenant_label` is on. Observed ones are
/// read from their keepers at each scrape.
package struct VoiceSeries: Sendable {
    package let sessions: SessionSeries
    package let turns: TurnSeries
    package let audio: AudioSeries
    package let providers: ProviderSeries
    package let doors: DoorSeries
    package let host: HostSeries
    package let outlets: OutletSeries

    init(_ registry: MetricRegistry, tenantLabel: Bool) {
        let tenants = TenantSeriesMaker(registry: registry, tenantLabel: tenantLabel)
        sessions = SessionSeries(registry, tenants)
        turns = TurnSeries(tenants)
        audio = AudioSeries(tenants)
        providers = ProviderSeries(registry, tenants)
        doors = DoorSeries(registry)
        host = HostSeries(registry)
        outlets = OutletSeries(registry)
    }
}

package struct SessionSeries: Sendable {
    /// started = ended + active, in each scrape.
    package let started: MetricFamily<Counter>
    package let ended: MetricFamily<Counter>
    package let active: MetricFamily<Gauge>
    package let refused: MetricFamily<Counter>
    package let resumed: MetricFamily<Counter>
    package let pipelineSwitches: MetricFamily<Counter>
    package let languageChanges: MetricFamily<Counter>
    package let duration: MetricFamily<Histogram>
    package let capacity: ObservedFamily
    package let reserved: ObservedFamily

    init(_ registry: MetricRegistry, _ tenants: TenantSeriesMaker) {
        started = tenants.counter("syrinx_sessions_started_total", "Sessions that began.", ["profile"])
        ended = tenants.counter("syrinx_sessions_ended_total", "Sessions that ended, by reason.", ["reason"])
        active = tenants.gauge("syrinx_sessions_active", "Sessions that are going on.")
        refused = tenants.counter("syrinx_sessions_refused_total", "Sessions not let in, by error code.", ["code"])
        resumed = tenants.counter("syrinx_sessions_resumed_total", "Sessions taken up again after a lost connection.")
        pipelineSwitches = tenants.counter(
            "syrinx_pipeline_switches_total", "Sessions that went on in another pipeline, by reason.", ["reason"])
        languageChanges = tenants.counter(
            "syrinx_language_changes_total", "Sessions that went on in another language, by source.", ["source"])
        duration = tenants.histogram(
            "syrinx_session_duration_seconds", "How long sessions lasted.", [],
            bounds: [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600])
        capacity = registry.observed("syrinx_sessions_capacity", .gauge, "Sessions that this host may hold at once.")
        reserved = registry.observed("syrinx_sessions_reserved", .gauge, "Places that are reserved and not yet taken.")
    }
}

package struct TurnSeries: Sendable {
    package let ended: MetricFamily<Counter>
    package let step: MetricFamily<Histogram>
    package let response: MetricFamily<Histogram>
    package let targetMissed: MetricFamily<Counter>
    package let interruptions: MetricFamily<Counter>
    package let stop: MetricFamily<Histogram>
    package let failures: MetricFamily<Counter>

    /// Around what people notice in a conversation.
    private static let bounds = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10]

    init(_ tenants: TenantSeriesMaker) {
        let bounds = Self.bounds
        ended = tenants.counter("syrinx_turns_total", "Turns that ended, by outcome.", ["outcome"])
        step = tenants.histogram(
            "syrinx_turn_step_seconds", "Steps of a turn, each from the one before: endpointing, stt, agent, tts.",
            ["step"], bounds: bounds)
        response = tenants.histogram(
            "syrinx_response_latency_seconds", "From the end of speech to the first audio of the answer.", [],
            bounds: bounds)
        targetMissed = tenants.counter(
            "syrinx_latency_target_missed_total", "Turns whose response latency was over telemetry.latency_target.")
        interruptions = tenants.counter(
            "syrinx_interruptions_total", "Barge-ins, confirmed or false.", ["result"])
        stop = tenants.histogram(
            "syrinx_interruption_stop_seconds", "From a confirmed barge-in's speech to the agent's silence.", [],
            bounds: bounds)
        failures = tenants.counter("syrinx_turn_failures_total", "Turns that failed, by error code.", ["code"])
    }
}

package struct AudioSeries: Sendable {
    package let frames: MetricFamily<Counter>
    package let time: MetricFamily<Counter>
    package let late: MetricFamily<Counter>
    package let dropped: MetricFamily<Counter>

    init(_ tenants: TenantSeriesMaker) {
        frames = tenants.counter(
            "syrinx_frames_total", "Frames of 20 ms, in from callers and out to them.", ["direction"])
        time = tenants.counter(
            "syrinx_audio_seconds_total", "Audio in from callers and out to them.", ["direction"], unit: .seconds)
        late = tenants.counter("syrinx_frames_late_total", "Frames sent so late that the caller heard a gap.")
        dropped = tenants.counter("syrinx_frames_dropped_total", "Frames given up, by cause.", ["cause"])
    }
}

package struct ProviderSeries: Sendable {
    package let requests: MetricFamily<Counter>
    package let errors: MetricFamily<Counter>
    package let time: MetricFamily<Histogram>
    package let acquire: MetricFamily<Histogram>
    package let characters: MetricFamily<Counter>
    package let tokens: MetricFamily<Counter>
    package let tools: MetricFamily<Counter>
    package let hedges: MetricFamily<Counter>
    package let sick: ObservedFamily
    package let breakerOpen: ObservedFamily
    package let pluginEvents: ObservedFamily

    init(_ registry: MetricRegistry, _ tenants: TenantSeriesMaker) {
        let who = ["kind", "provider"]
        requests = registry.counter("syrinx_provider_requests_total", "Requests to providers.", labels: who)
        errors = registry.counter(
            "syrinx_provider_errors_total", "Requests that failed, by error code.", labels: who + ["code"])
        time = registry.histogram(
            "syrinx_provider_request_seconds", "From a request to a provider to its first answer.",
            bounds: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], labels: who)
        acquire = registry.histogram(
            "syrinx_provider_acquire_seconds", "What a provider's request waited for its connection, kept or new.",
            bounds: [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5], labels: who + ["connection"])
        characters = tenants.counter(
            "syrinx_usage_characters_total", "Characters given to speech synthesis.", ["provider"])
        tokens = tenants.counter(
            "syrinx_usage_tokens_total", "Tokens that providers say they have read and written.", ["direction"])
        tools = tenants.counter("syrinx_usage_tool_calls_total", "Tools that agents called.")
        hedges = tenants.counter(
            "syrinx_hedges_total", "Requests for which a second provider was asked, too, by what came of it.",
            ["kind", "result"])
        breakerOpen = registry.observed(
            "syrinx_provider_breakers_open", .gauge, "Tenants for which a provider is left alone or on trial.",
            labels: ["provider"])
        sick = registry.observed(
            "syrinx_provider_sick", .gauge, "1 while a provider cannot work, by its own word.", labels: ["provider"])
        pluginEvents = registry.observed(
            "syrinx_plugin_events_total", .counter,
            "What became of plugins' builds: loaded, refused, rolled_back and others.",
            labels: ["event"])
    }
}

package struct DoorSeries: Sendable {
    package let requests: MetricFamily<Counter>
    package let time: MetricFamily<Histogram>
    package let authenticationFailures: MetricFamily<Counter>
    package let rateLimited: MetricFamily<Counter>
    package let connections: ObservedFamily

    init(_ registry: MetricRegistry) {
        requests = registry.counter(
            "syrinx_http_requests_total", "Answered HTTP requests.", labels: ["route", "method", "status"],
            maximumSeries: 1000)
        time = registry.histogram(
            "syrinx_http_request_seconds", "From a request's head to its answer.",
            bounds: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10], labels: ["route"])
        authenticationFailures = registry.counter(
            "syrinx_authentication_failures_total", "Callers whom nobody knows, by error code.", labels: ["code"])
        rateLimited = registry.counter(
            "syrinx_rate_limited_total", "Requests over a rate, by which one.", labels: ["limit"])
        connections = registry.observed(
            "syrinx_connections", .gauge, "Open sockets by listener.", labels: ["listener"])
    }
}

package struct HostSeries: Sendable {
    package let reloads: MetricFamily<Counter>
    package let build: MetricFamily<Gauge>
    package let queueDepth: ObservedFamily
    package let loopLag: ObservedFamily
    package let gateClosed: ObservedFamily
    package let draining: ObservedFamily
    package let generation: ObservedFamily
    package let cpu: ObservedFamily
    package let memory: ObservedFamily
    package let openFiles: ObservedFamily
    package let threads: ObservedFamily
    package let startTime: ObservedFamily

    init(_ registry: MetricRegistry) {
        reloads = registry.counter("syrinx_config_reloads_total", "Reloads of the configuration.", labels: ["result"])
        build = registry.gauge("syrinx_build_info", "Always 1; the label says which build.", labels: ["version"])
        queueDepth = registry.observed("syrinx_queue_depth", .gauge, "What waits in a queue.", labels: ["queue"])
        loopLag = registry.observed("syrinx_event_loop_lag_seconds", .gauge, "How late the latest event loop is.")
        gateClosed = registry.observed("syrinx_load_gate_closed", .gauge, "1 while load keeps new sessions out.")
        draining = registry.observed("syrinx_draining", .gauge, "1 while live sessions end and no new ones begin.")
        generation = registry.observed("syrinx_config_generation", .gauge, "The configuration that new sessions get.")
        cpu = registry.observed("syrinx_process_cpu_seconds_total", .counter, "Processor time of all threads.")
        memory = registry.observed("syrinx_process_resident_memory_bytes", .gauge, "Resident memory.")
        openFiles = registry.observed("syrinx_process_open_fds", .gauge, "Open file descriptors.")
        threads = registry.observed("syrinx_process_threads", .gauge, "Threads.")
        startTime = registry.observed(
            "syrinx_process_start_time_seconds", .gauge, "When the process began, since 1970.")
    }
}

package struct OutletSeries: Sendable {
    package let webhooks: ObservedFamily
    package let webhookQueue: ObservedFamily
    package let recordsWritten: ObservedFamily
    package let recordsDropped: ObservedFamily
    package let recordsErrors: ObservedFamily
    package let recordsQueue: ObservedFamily
    package let recordings: MetricFamily<Counter>
    package let spansExported: ObservedFamily
    package let spansDropped: ObservedFamily
    package let spanExportFailures: ObservedFamily

    init(_ registry: MetricRegistry) {
        webhooks = registry.observed(
            "syrinx_webhook_deliveries_total", .counter,
            "Webhook events delivered, dead or refused, and attempts that failed.", labels: ["endpoint", "result"])
        webhookQueue = registry.observed(
            "syrinx_webhook_queue", .gauge, "Webhook events that wait.", labels: ["endpoint"])
        recordsWritten = registry.observed("syrinx_records_written_total", .counter, "Records of sessions written.")
        recordsDropped = registry.observed("syrinx_records_dropped_total", .counter, "Records that found no room.")
        recordsErrors = registry.observed("syrinx_records_errors_total", .counter, "Writes of records that failed.")
        recordsQueue = registry.observed("syrinx_records_queue", .gauge, "Records that wait to be written.")
        recordings = registry.counter(
            "syrinx_recordings_total", "Recordings that ended, by result.", labels: ["result"])
        spansExported = registry.observed("syrinx_spans_exported_total", .counter, "Spans that a collector took.")
        spansDropped = registry.observed(
            "syrinx_spans_dropped_total", .counter, "Spans that found no room or that no collector took.")
        spanExportFailures = registry.observed(
            "syrinx_span_export_failures_total", .counter, "Attempts to send spans that failed.")
    }
}
