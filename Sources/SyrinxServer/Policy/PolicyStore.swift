// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Synchronization

/// The policy that holds now, and which one it is. Thread-safe.
final class PolicyStore: Sendable {
    struct Generation: Sendable {
        /// From 1 on.
        var number: Int
        var policy: ServerPolicy
        var loadedAt: Date
    }

    private let state: Mutex<Generation>

    init(_ policy: ServerPolicy) { state = Mutex(Generation(number: 1, policy: policy, loadedAt: Date())) }

    var generation: Generation { state.withLock { $0 } }
    var current: ServerPolicy { state.withLock(\.policy) }

    /// - Returns: the number of the new generation.
    func replace(by policy: ServerPolicy) -> Int {
        state.withLock { generation in
            generation = Generation(number: generation.number + 1, policy: policy, loadedAt: Date())
            return generation.number
        }
    }
}
