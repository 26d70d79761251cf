// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// A value that tests wait for: no sleeping, and never for ever.
final class Watched<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var waiters: [Int: @Sendable (inout Value) -> Bool] = [:]
        var failures: [Int: @Sendable (TimedOut) -> Void] = [:]
        var last = 0
    }

    private let state: Mutex<State>

    init(_ value: Value) { state = Mutex(State(value: value)) }

    var value: Value { state.withLock { $0.value } }

    func update(_ change: (inout Value) -> Void) {
        state.withLock { state in
            change(&state.value)
            for id in state.waiters.keys.sorted() where state.waiters[id]?(&state.value) == true {
                state.waiters[id] = nil
                state.failures[id] = nil
            }
        }
    }

    /// What `look` finds, now or later; it may take it out.
    func until<T: Sendable>(
        _ what: String, seconds: Int64 = 60, _ look: @escaping @Sendable (inout Value) -> T?
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let id = state.withLock { state -> Int? in
                if let found = look(&state.value) {
                    continuation.resume(returning: found)
                    return nil
                }
                state.last += 1
                state.waiters[state.last] = { value in
                    guard let found = look(&value) else { return false }
                    continuation.resume(returning: found)
                    return true
                }
                state.failures[state.last] = { continuation.resume(throwing: $0) }
                return state.last
            }
            guard let id else { return }
            MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .seconds(seconds)) { [weak self] in
                let fail = self?.state.withLock { state in
                    state.waiters[id] = nil
                    return state.failures.removeValue(forKey: id)
                }
                fail?(TimedOut(description: "no \(what) within \(seconds) s"))
            }
        }
    }
}
