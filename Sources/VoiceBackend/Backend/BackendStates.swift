// SPDX-License-Identifier: Apache-2.0

public import struct Foundation.Date

/// How a backend stands to its providers.
public enum ConnectionState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Not started, or stopped.
    case disconnected
    /// Providers are being opened.
    case connecting
    /// Sessions can be created, unless the backend is draining.
    case connected
    /// Opening failed and is being tried again.
    case reconnecting
    /// Opening failed for good; ``VoiceBackend/start()`` may be tried again.
    case error
}

/// How a backend was at one moment. A value: it never changes after it was made.
public struct HealthStatus: Sendable, Hashable {
    /// In one word.
    public enum Status: String, Sendable, Hashable, Codable, CaseIterable {
        /// Not started.
        case unknown
        /// All is well.
        case healthy
        /// It serves, but is nearly full, or is draining.
        case degraded
        /// It cannot serve: a provider is ill, or the backend has stopped.
        case unhealthy
    }

    /// In one word.
    public var status: Status
    /// Why, and the numbers: `reason`, `active_sessions`, `max_sessions`, `utilization`, and a `provider.*` for each one
    /// that is ill.
    public var details: [String: String]
    /// When it was looked at.
    public var lastCheck: Date

    /// Whether calls are served: healthy or degraded. A backend that is nearly full still takes them.
    public var isHealthy: Bool { status == .healthy || status == .degraded }
}

/// What a backend has done since it was made. A value.
public struct BackendMetrics: Sendable, Hashable {
    /// Sessions that were created.
    public var sessionsCreated = 0
    /// Sessions that have ended.
    public var sessionsEnded = 0
    /// Sessions that were refused, by code.
    public var sessionsRefused: [VoiceBackendError.Code: Int] = [:]
    /// Turns by outcome.
    public var turns: [VoiceTurn.Outcome: Int] = [:]
    /// Turns whose answer was heard later than ``Config/latencyTarget``.
    public var turnsOverLatencyTarget = 0
}
