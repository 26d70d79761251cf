// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore

/// A network that answers each request at once with 200 and nothing more, and remembers them.
final class AnsweringNetwork: NetworkClient {
    private let asked = Mutex<[NetworkRequest]>([])

    var requests: [NetworkRequest] { asked.withLock(\.self) }

    func start(_ request: NetworkRequest, deliver: @escaping @Sendable (NetworkEvent) -> Void) -> any NetworkExchange {
        asked.withLock { $0.append(request) }
        deliver(.head(status: 200, headers: []))
        deliver(.finished(NetworkEnd()))
        return Nothing()
    }

    func open(_ request: NetworkRequest, deliver: @escaping @Sendable (NetworkEvent) -> Void) -> any NetworkExchange {
        start(request, deliver: deliver)
    }

    func prewarm(_ request: NetworkRequest) {}

    private final class Nothing: NetworkExchange {
        func send(_ bytes: [UInt8], isLast: Bool) -> Bool { true }
        func send(_ bytes: [UInt8], isText: Bool, isLast: Bool) -> Bool { true }
        func read(_ on: Bool) {}
        func close(code: Int, reason: String) {}
        func abort() {}
    }
}
