// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The sessions that may be resumed, by handle: what was said in them. Shared by all connections; safe from any thread.
final class GeminiMemory: Sendable {
    private struct State {
        var sessions: [String: [String]] = [:]
        var order: [String] = []
        var count = 0
    }

    private static let limit = 256
    private let state = Mutex(State())

    /// A new handle for a session in which this was said so far.
    func remember(_ said: [String]) -> String {
        state.withLock { state in
            state.count += 1
            let handle = "handle-\(state.count)"
            state.sessions[handle] = said
            state.order.append(handle)
            if state.order.count > Self.limit { state.sessions[state.order.removeFirst()] = nil }
            return handle
        }
    }

    /// What was said in the session of a handle; nil = there is none.
    func recall(_ handle: String) -> [String]? { state.withLock { $0.sessions[handle] } }
}
