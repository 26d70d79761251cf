// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Numbers in the given order, then ones.
final class NumberList: Sendable {
    private let numbers: Mutex<[UInt64]>

    init(_ numbers: [UInt64]) { self.numbers = Mutex(numbers) }

    func next() -> UInt64 { numbers.withLock { $0.isEmpty ? 1 : $0.removeFirst() } }
}
