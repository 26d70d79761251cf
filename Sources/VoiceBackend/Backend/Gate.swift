// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Keeps providers open while somebody is using them: work passes in and out, and whoever closes the gate waits until
/// the last has come out. Thread-safe.
final class Gate: Sendable {
    private struct State {
        var inside = 0
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// False once the gate is closed.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.inside += 1
            return true
        }
    }

    func leave() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.inside -= 1
            guard state.inside == 0, state.isClosed else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func close() async {
        await withCheckedContinuation { waiter in
            let isEmpty = state.withLock { state in
                state.isClosed = true
                if state.inside > 0 { state.waiters.append(waiter) }
                return state.inside == 0
            }
            if isEmpty { waiter.resume() }
        }
    }
}
