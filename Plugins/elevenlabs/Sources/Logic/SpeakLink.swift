// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The state of a session's socket.
struct SpeakLink {
    enum State: Equatable {
        case down
        case connecting(NetworkID)
        case open(NetworkID)
        /// Between two tries.
        case waiting
    }

    /// Pauses before the tries after a loss, in milliseconds.
    static let pauses: [Double] = [100, 500]
    /// A vendor that asks for a longer pause is not waited for.
    static let longestPause: UInt32 = 2_000
    /// The vendor's limit of contexts on one socket.
    static let largestContextCount = 5

    var state = State.down
    /// What the socket is bound to.
    var route: Route?
    /// Why no connection to a voice will ever be had.
    private var permanentFailures: [Route: PluginError] = [:]
    /// Why the vendor will close, when it said so before.
    var announcedFailure: PluginError?
    /// Contexts that were cancelled and whose end has not come, and since when: they count at the vendor.
    var lingering: [String: Int64] = [:]
    /// When something was sent last, in ns.
    var sentAt: Int64 = 0
    var unreadable = 0
    /// Reading is off, since the host is full.
    var isHeldUp = false
    var outbox: SocketOutbox?
    var isIdleTimerRunning = false
    var isAnnounced = false
    private var losses = 0

    var socket: NetworkID? {
        switch state {
        case .connecting(let id), .open(let id): id
        case .down, .waiting: nil
        }
    }

    var isOpen: Bool { if case .open = state { true } else { false } }

    func permanentFailure(_ route: Route) -> PluginError? { permanentFailures[route] }

    mutating func failForGood(_ error: PluginError) {
        guard let route, permanentFailures.count < 64 else { return }
        permanentFailures[route] = error
    }

    /// A server that does not tell the end of a cancelled context must not stop the next one.
    mutating func forgetLingering(before time: Int64) {
        if !lingering.isEmpty { lingering = lingering.filter { $0.value > time } }
    }

    mutating func provedGood() { losses = 0 }

    /// How long to wait before the next try, in milliseconds; nil = there is none.
    mutating func nextPause(after error: PluginError) -> UInt32? {
        guard error.isRetryable, losses < Self.pauses.count, error.retryAfterMilliseconds <= Self.longestPause else {
            losses = 0
            return nil
        }
        let pause = UInt32(Self.pauses[losses] * Double.random(in: 0.8...1.2))
        losses += 1
        return max(pause, error.retryAfterMilliseconds)
    }
}
