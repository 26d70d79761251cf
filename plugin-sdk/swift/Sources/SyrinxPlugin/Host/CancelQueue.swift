// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Carries cancelled generations from ``Session/cancel(_:)``, which comes from any thread, to ``Session/handle(_:)``.
///
/// However many cancels come, one timer a millisecond asks for the executor: a flood of them does not use up the session's
/// timers. Bounded: of more than 256 that wait, the oldest are forgotten.
public final class CancelQueue: Sendable {
    private static let limit = 256

    private struct State {
        var waiting: [UInt64] = []
        var isWoken = false
    }

    private let host: SessionHost
    private let cookie: UInt64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - host: The session's.
    ///   - cookie: Of the timer that asks for the executor.
    public init(host: SessionHost, cookie: UInt64) {
        self.host = host
        self.cookie = cookie
    }

    /// To be called from ``Session/cancel(_:)``.
    public func add(_ generation: UInt64) {
        let wakes = state.withLock { state in
            if state.waiting.count == Self.limit { state.waiting.removeFirst() }
            state.waiting.append(generation)
            defer { state.isWoken = true }
            return !state.isWoken
        }
        guard wakes, host.startTimer(afterMilliseconds: 1, cookie: cookie) == nil else { return }
        state.withLock { $0.isWoken = false }
    }

    /// To be called at the beginning of ``Session/handle(_:)``: what was cancelled since the last time, oldest first.
    public func take(_ event: borrowing Event) -> [UInt64] {
        let isWaking = event.type == .timer && event.id == cookie
        return state.withLock { state in
            if isWaking { state.isWoken = false }
            guard !state.waiting.isEmpty else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
