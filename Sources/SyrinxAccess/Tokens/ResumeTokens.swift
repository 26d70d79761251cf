// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// Tokens that let a caller come back to a session whose connection was lost: `syr_<43>`. Good once, until a while
/// after the loss. Thread-safe.
///
/// Remembered like ``SessionTokens``: the session that they open is in this process, or gone.
package final class ResumeTokens: Sendable {
    private struct State {
        var table: SecretTable<String>
        /// The one token of each session.
        var current: [String: SecretHash] = [:]

        mutating func drop(_ session: String) {
            guard let hash = current.removeValue(forKey: session) else { return }
            _ = table.take(hash, now: .zero)
        }
    }

    private let capacity: Int
    private let state: Mutex<State>

    /// - Parameter capacity: how many sessions may have one; as many as there may be sessions.
    package init(capacity: Int) {
        self.capacity = capacity
        state = Mutex(State(table: SecretTable(capacity: capacity, perOwner: capacity)))
    }

    /// A new token for a session; the one that it had is good no more. It does not expire while the connection lives:
    /// the caller may notice a loss before the server does.
    /// - Returns: nil when there is no room: such a session cannot be resumed.
    package func issue(session: String, now: Instant) -> String? {
        let text = Self.prefix + SecretText.random()
        let hash = SecretHash(of: text)
        return state.withLock { state in
            state.drop(session)
            guard state.current.count < capacity,
                state.table.insert(hash, session, owner: "", expires: .distantFuture, now: now)
            else { return nil }
            state.current[session] = hash
            return text
        }
    }

    /// The connection of a session is lost: its token is good until this instant, which itself is too late.
    package func connectionLost(session: String, until deadline: Instant) {
        state.withLock { state in
            guard let hash = state.current[session] else { return }
            state.table.setExpiry(hash, deadline)
        }
    }

    /// Uses a token up. Issue a new one to the connection that resumes.
    /// - Returns: the session; nil for a token that is malformed, unknown, used or late.
    package func redeem(_ text: String, now: Instant) -> String? {
        guard SecretText.isWellFormed(text, prefix: Self.prefix) else { return nil }
        let hash = SecretHash(of: text)
        return state.withLock { state in
            guard let session = state.table.take(hash, now: now)?.value else { return nil }
            state.current[session] = nil
            return session
        }
    }

    /// A session has ended.
    package func forget(session: String) { state.withLock { $0.drop(session) } }

    /// How many sessions can be resumed.
    package var count: Int { state.withLock(\.table.count) }

    static let prefix = "syr_"
}
