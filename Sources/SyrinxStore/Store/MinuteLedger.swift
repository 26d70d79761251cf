// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What each tenant used in the running month, in memory: admission asks for it at every call and cannot wait.
final class MinuteLedger: Sendable {
    private struct State {
        var month = ""
        var durations: [String: Int64] = [:]
    }

    private let state = Mutex(State())

    func load(_ durations: [String: Int64], monthOf now: Int64) {
        state.withLock { $0 = State(month: UTCDay.month(of: now), durations: durations) }
    }

    /// A session of a later month begins that month; one of an earlier month is of no interest any more.
    func add(_ sessions: [BookedSession]) {
        guard !sessions.isEmpty else { return }
        state.withLock { state in
            for session in sessions {
                let month = UTCDay.month(of: session.startedAt)
                if month > state.month { state = State(month: month) }
                if month == state.month { state.durations[session.tenant, default: 0] += session.duration }
            }
        }
    }

    /// In ms, by tenant.
    func durations(monthOf now: Int64) -> [String: Int64] {
        let month = UTCDay.month(of: now)
        return state.withLock { $0.month == month ? $0.durations : [:] }
    }
}
