// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Bytes that came from a socket, until a test asks for them. One reader.
final class Inbox: Sendable {
    /// The test waited for something that did not come.
    struct TimedOut: Error {}

    private struct State {
        var bytes: [UInt8] = []
        var isOver = false
        var isLate = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func add(_ bytes: some Sequence<UInt8>) { change { $0.bytes.append(contentsOf: bytes) } }

    func end() { change { $0.isOver = true } }

    /// All that is there, or what comes next; empty = nothing will come any more.
    func take(within limit: Duration, on loop: any EventLoop) async throws -> [UInt8] {
        state.withLock { $0.isLate = false }
        let timer = loop.scheduleTask(in: .nanoseconds(limit.nanoseconds)) { self.change { $0.isLate = true } }
        defer { timer.cancel() }
        while true {
            let (bytes, isOver) = state.withLock { state in
                defer { state.bytes = [] }
                return (state.bytes, state.isOver)
            }
            if !bytes.isEmpty || isOver { return bytes }
            guard !state.withLock(\.isLate) else { throw TimedOut() }
            await wait()
        }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                guard state.bytes.isEmpty, !state.isOver, !state.isLate else { return true }
                state.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
