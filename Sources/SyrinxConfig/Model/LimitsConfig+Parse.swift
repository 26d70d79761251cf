// SPDX-License-Identifier: Apache-2.0

extension LimitsConfig {
    init(_ checked: CheckedSection) {
        maxSessions = checked.integer("max_sessions") ?? maxSessions
        providers = checked.integers(ofNames: "providers")
        connections = checked.integer("connections") ?? connections
        connectionsPerAddress = checked.integer("connections_per_address") ?? connectionsPerAddress
        createsPerSecond = checked.number("creates_per_second").flatMap { $0 > 0 ? $0 : nil }
        body = checked.integer("body") ?? body
        maxMessage = checked.integer("max_message") ?? maxMessage
        startTimeout = checked.duration("start_timeout") ?? startTimeout
        idleTimeout = checked.limit("idle_timeout", or: idleTimeout)
        maxDuration = checked.limit("max_duration", or: maxDuration)
        resumeWindow = checked.limit("resume_window", or: resumeWindow)
        load = LoadLimits(checked.section("load"))
    }
}

extension LoadLimits {
    fileprivate init(_ checked: CheckedSection) {
        if let share = checked.number("cpu") { cpu = share > 0 ? share : nil }
        loopLag = checked.limit("loop_lag", or: loopLag)
        if let size = checked.integer("memory_mb") { memoryMB = size > 0 ? size : nil }
        recover = checked.number("recover") ?? recover
    }
}

extension DrainConfig {
    init(_ checked: CheckedSection) {
        deadline = checked.duration("deadline") ?? deadline
        goodbye = checked.text("goodbye").flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension TelemetryConfig {
    init(_ checked: CheckedSection) {
        metrics = checked.flag("metrics") ?? metrics
        tenantLabel = checked.flag("tenant_label") ?? tenantLabel
        latencyTarget = checked.limit("latency_target", or: latencyTarget)
        let spans = checked.section("traces")
        traces.endpoint = spans.text("endpoint")
        traces.sample = spans.number("sample") ?? traces.sample
        traces.headers = spans.texts(ofNames: "headers")
    }
}

extension CheckedSection {
    /// A duration where `0s` stands for none.
    func limit(_ key: String, or fallback: Duration?) -> Duration? {
        guard let duration = duration(key) else { return fallback }
        return duration == .zero ? nil : duration
    }
}
