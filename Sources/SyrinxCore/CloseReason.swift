// SPDX-License-Identifier: Apache-2.0

/// Why a session ended. The raw value is the word that clients, records and metrics see.
package enum CloseReason: String, Sendable, Codable, CaseIterable {
    case userHangup = "user_hangup"
    case agentEnded = "agent_ended"
    case clientClosed = "client_closed"
    case idleTimeout = "idle_timeout"
    case maxDuration = "max_duration"
    case startTimeout = "start_timeout"
    case drained
    case hostShutdown = "host_shutdown"
    case hostRestart = "host_restart"
    case evicted
    case authExpired = "auth_expired"
    case providerFailed = "provider_failed"
    case pipelineError = "pipeline_error"
    case transportLost = "transport_lost"
    case resumedElsewhere = "resumed_elsewhere"
    case admin
}
