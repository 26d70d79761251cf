// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization
internal import SyrinxConversation
internal import SyrinxCore

/// The end of a host's sessions, in order: no new ones, the live ones end by themselves, then they are told, then cut.
extension SessionManager {
    /// What a conversation may take to close, and a little more.
    private static let closeGrace = Duration.seconds(3)
    /// So long a last line may take.
    private static let farewell = Duration.seconds(5)

    /// Takes no new sessions from now on.
    package func beginDraining() { state.withLock { $0.draining = true } }
    package func cancelDraining() {
        state.withLock { state in
            state.draining = false
            state.cutting = false
            // What that drain closed is not the next one's doing.
            state.forced = 0
        }
    }

    /// Waits for all sessions to end by themselves, then closes what is left. May be called again with a shorter
    /// deadline while an earlier call waits.
    /// - Parameter goodbye: what callers are told before they are cut, within the last seconds of the deadline.
    /// - Returns: how many had to be closed, by this call or another.
    package func drain(deadline: Duration, goodbye: String? = nil) async -> Int {
        beginDraining()
        let farewell = goodbye == nil ? .zero : min(deadline, Self.farewell)
        if deadline > farewell, await waitUntilEmpty(for: deadline - farewell) { return state.withLock(\.forced) }
        if let goodbye, farewell > .zero, isDraining {
            let left = takeLeave()
            for live in left {
                live.loop.execute { live.session.value.session?.leave(saying: goodbye, reason: .drained) }
            }
            if await waitUntilEmpty(for: farewell) { return state.withLock(\.forced) }
        }
        for live in cut() { close(live, .drained) }
        _ = await waitUntilEmpty(for: Self.closeGrace)
        return state.withLock(\.forced)
    }

    /// Sessions that are told to end, each once.
    private func takeLeave() -> [Live] {
        state.withLock { state in
            let left = state.live.values.filter { !$0.isForced }
            for live in left { state.force(live.status.snapshot.id) }
            return left
        }
    }

    /// From here on nothing lives; also what is just beginning.
    private func cut() -> [Live] {
        state.withLock { state in
            guard state.draining else { return [] }
            state.cutting = true
            for id in state.live.keys { state.force(id) }
            return Array(state.live.values)
        }
    }

    /// - Returns: false when sessions were left at the end of the time.
    private func waitUntilEmpty(for limit: Duration) async -> Bool {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        var clock: Task<Void, Never>?
        defer { clock?.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isEmpty = state.withLock { state in
                    if state.ledger.total > 0 { state.waiters[id] = continuation }
                    return state.ledger.total == 0
                }
                guard !isEmpty else { return continuation.resume(returning: true) }
                if Task.isCancelled { resume(waiter: id, isEmpty: false) }
                clock = Task {
                    try? await Task.sleep(for: limit)
                    resume(waiter: id, isEmpty: false)
                }
            }
        } onCancel: {
            resume(waiter: id, isEmpty: false)
        }
    }

    private func resume(waiter: Int, isEmpty: Bool) {
        state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: isEmpty)
    }
}
