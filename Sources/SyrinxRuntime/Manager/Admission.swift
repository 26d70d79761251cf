// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A reserved place for one session. Whoever drops it without using it gives the place back: capacity cannot leak.
package final class Admission: Sendable {
    package let id: String
    package let request: CallRequest
    private let giveBack: @Sendable () -> Void
    private let state = Mutex(State.reserved)

    private enum State { case reserved, used, returned }

    init(id: String, request: CallRequest, giveBack: @escaping @Sendable () -> Void) {
        self.id = id
        self.request = request
        self.giveBack = giveBack
    }

    /// The session lives; its end gives the place back, once.
    func use() { state.withLock { if $0 == .reserved { $0 = .used } } }

    package func release() {
        let first = state.withLock { state in
            defer { state = .returned }
            return state != .returned
        }
        if first { giveBack() }
    }

    deinit { release() }
}
