// SPDX-License-Identifier: Apache-2.0

/// What is told of the sessions to those who watch the server.
package struct TelemetryConfig: Hashable, Sendable {
    package var metrics = true
    /// Whether the series of sessions carry their tenant.
    package var tenantLabel = false
    /// Answer time above which a turn is warned of.
    package var latencyTarget: Duration?
    package var traces = TracesConfig()

    package init() {}
}

package struct TracesConfig: Hashable, Sendable {
    /// URL of OTLP over HTTP; nil: no spans are made.
    package var endpoint: String?
    /// Share of the sessions, from 0 to 1.
    package var sample = 1.0
    /// Secret values.
    package var headers: [String: String] = [:]

    package init() {}
}
