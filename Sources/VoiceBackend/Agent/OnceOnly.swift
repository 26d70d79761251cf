// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// True the first time, false ever after. Thread-safe.
final class OnceOnly: Sendable {
    private let isTaken = Atomic(false)

    func take() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }
}
