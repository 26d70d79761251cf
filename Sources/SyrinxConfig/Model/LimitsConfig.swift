// SPDX-License-Identifier: Apache-2.0

/// What one server takes on.
package struct LimitsConfig: Hashable, Sendable {
    package var maxSessions = 1000
    /// Sessions at once that use a provider, by its id.
    package var providers: [String: Int] = [:]
    /// Open sockets of the public listener, and of one address.
    package var connections = 10_000
    package var connectionsPerAddress = 200
    /// Sessions that one address may begin in a second; nil for any number.
    package var createsPerSecond: Double?
    /// Bytes of an HTTP body.
    package var body = 1_048_576
    /// Bytes of one WebSocket message.
    package var maxMessage = 262_144
    package var startTimeout = Duration.seconds(10)
    /// Nil for none, as are the others that take `0s`.
    package var idleTimeout: Duration? = .seconds(300)
    package var maxDuration: Duration? = .seconds(3600)
    /// How long a session waits for a caller whose connection was lost.
    package var resumeWindow: Duration? = .seconds(30)
    package var load = LoadLimits()

    package init() {}
}

/// When the machine is too busy for new sessions; nil for a limit that is not looked at.
package struct LoadLimits: Hashable, Sendable {
    /// Share of all processors.
    package var cpu: Double? = 0.9
    package var loopLag: Duration? = .milliseconds(100)
    /// Memory in use, in MiB.
    package var memoryMB: Int?
    /// Sessions are taken again below this share of the limits.
    package var recover = 0.8

    package init() {}
}
