// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// Sizes and times of a ``NetClient``.
package struct NetSettings: Sendable {
    /// Connections kept open for one origin while nothing uses them.
    package var idlePerOrigin = 8
    /// The same for all origins together.
    package var idleConnections = 256
    package var idleTimeout = Duration.seconds(60)
    /// HTTP/2: requests on one connection at a time; the other side's own limit holds too.
    package var streamsPerConnection = 100
    /// WebSocket: after so long without a byte from the other side a ping is sent, when the request has no silence limit.
    package var pingInterval = Duration.seconds(20)
    /// And after so long without any byte in answer the socket is taken to be dead.
    package var pongDeadline = Duration.seconds(20)
    /// WebSocket: how long the other side's close frame is waited for.
    package var closeTimeout = Duration.seconds(2)
    /// All header fields of one response together, in bytes.
    package var responseHeaders = 65_536
    /// One WebSocket message from the other side, in bytes.
    package var message = NetworkLimits.message
    /// Names that are looked up at a time: each takes a thread.
    package var lookupThreads = 4
    /// Names that wait for that; further ones fail.
    package var waitingLookups = 256
    /// Finds the addresses of a name, 4 or 16 bytes each, best first; blocks. Nil = the system's.
    package var lookup: (@Sendable (String) throws -> [[UInt8]])?

    package init() {}
}
