// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore

/// A network that answers what a test says. Thread-safe.
package final class ScriptedNetwork: NetworkClient {
    /// A request or socket that a plugin began.
    package final class Exchange: NetworkExchange {
        package enum Said: Sendable, Equatable {
            case body([UInt8], isLast: Bool)
            case message([UInt8], isText: Bool, isLast: Bool)
            case read(Bool)
            case close(Int, String)
            case abort
        }

        package let request: NetworkRequest
        private let deliver: @Sendable (NetworkEvent) -> Void
        private let state = Mutex((said: [Said](), isFull: false, isOver: false))

        init(_ request: NetworkRequest, _ deliver: @escaping @Sendable (NetworkEvent) -> Void) {
            self.request = request
            self.deliver = deliver
        }

        /// What the host asked of it, in order.
        package var said: [Said] { state.withLock(\.said) }

        /// While it is full, nothing that is sent is taken.
        package func setFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

        /// Something comes back from the other side; nothing after the end.
        package func answer(_ event: NetworkEvent) {
            let isOver = state.withLock { state in
                defer { if case .finished = event { state.isOver = true } }
                return state.isOver
            }
            if !isOver { deliver(event) }
        }

        package func send(_ bytes: [UInt8], isLast: Bool) -> Bool { take(.body(bytes, isLast: isLast)) }

        package func send(_ bytes: [UInt8], isText: Bool, isLast: Bool) -> Bool {
            take(.message(bytes, isText: isText, isLast: isLast))
        }

        package func read(_ on: Bool) { state.withLock { $0.said.append(.read(on)) } }

        package func close(code: Int, reason: String) { state.withLock { $0.said.append(.close(code, reason)) } }

        package func abort() {
            state.withLock { $0.said.append(.abort) }
            answer(.finished(NetworkEnd(failure: NetworkFailure(.aborted, "aborted"))))
        }

        private func take(_ said: Said) -> Bool {
            state.withLock { state in
                guard !state.isFull else { return false }
                state.said.append(said)
                return true
            }
        }
    }

    private let begun = Mutex<(all: [Exchange], prewarmed: [String])>(([], []))

    package init() {}

    /// What plugins began, oldest first.
    package var exchanges: [Exchange] { begun.withLock(\.all) }
    /// Origins that plugins asked to be connected to.
    package var prewarmed: [String] { begun.withLock(\.prewarmed) }

    package func start(
        _ request: NetworkRequest, deliver: @escaping @Sendable (NetworkEvent) -> Void
    ) -> any NetworkExchange {
        let exchange = Exchange(request, deliver)
        begun.withLock { $0.all.append(exchange) }
        return exchange
    }

    package func open(
        _ request: NetworkRequest, deliver: @escaping @Sendable (NetworkEvent) -> Void
    ) -> any NetworkExchange { start(request, deliver: deliver) }

    package func prewarm(_ request: NetworkRequest) { begun.withLock { $0.prewarmed.append(request.url.origin) } }
}
