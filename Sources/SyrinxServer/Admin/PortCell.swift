// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A port that is known once something listens. Thread-safe.
final class PortCell: Sendable {
    private let port = Mutex<Int?>(nil)

    var value: Int? {
        get { port.withLock { $0 } }
        set { port.withLock { $0 = newValue } }
    }
}
