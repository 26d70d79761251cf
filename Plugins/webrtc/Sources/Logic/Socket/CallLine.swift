// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Where `cancel`, which comes from any thread, finds the call.
final class CallLine: Sendable {
    private let current = Mutex<Call?>(nil)

    var call: Call? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}
