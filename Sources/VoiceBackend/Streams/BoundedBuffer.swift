// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A queue of limited length between a session's event loop and one task of the application. When it is full the oldest
/// element goes: a slow reader never holds up a call, and never makes the process grow. Thread-safe.
final class BoundedBuffer<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var lost = 0
        var isFinished = false
        var isLeased = false
        var waiter: CheckedContinuation<Element?, Never>?
    }

    private let state = Mutex(State())
    private let capacity: Int
    /// What the reader is told about elements that were lost; nil = nothing.
    private let notice: (@Sendable (Int) -> Element)?

    init(capacity: Int, notice: (@Sendable (Int) -> Element)? = nil) {
        self.capacity = capacity
        self.notice = notice
    }

    func append(_ element: Element) {
        let waiter = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            guard !state.isFinished else { return nil }
            if let waiter = state.waiter {
                state.waiter = nil
                return waiter
            }
            if state.elements.count == capacity {
                state.elements.removeFirst()
                state.lost += 1
            }
            state.elements.append(element)
            return nil
        }
        waiter?.resume(returning: element)
    }

    /// Drops what waits, on purpose: nothing counts as lost.
    func removeAll() { state.withLock { $0.elements.removeAll(keepingCapacity: true) } }

    /// Nothing follows; what waits can still be read.
    func finish() {
        let waiter = state.withLock { state in
            state.isFinished = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    /// Takes the reading end. False when somebody has it.
    func lease() -> Bool {
        state.withLock { state in
            defer { state.isLeased = true }
            return !state.isLeased
        }
    }

    func giveBack() { state.withLock { $0.isLeased = false } }

    /// The next element; nil at the end, or when the reading task is cancelled. By the one who has the lease.
    func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let now = state.withLock { state -> Element?? in
                    // Under the lock: a cancellation after this finds the waiter, one before it is seen here.
                    if Task.isCancelled { return .some(nil) }
                    if let element = take(&state) { return .some(element) }
                    if state.isFinished { return .some(nil) }
                    state.waiter = waiter
                    return .none
                }
                if let now { waiter.resume(returning: now) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: nil)
        }
    }

    private func take(_ state: inout State) -> Element? {
        if state.lost > 0, let notice {
            defer { state.lost = 0 }
            return notice(state.lost)
        }
        return state.elements.isEmpty ? nil : state.elements.removeFirst()
    }
}

extension BoundedBuffer {
    /// Whether nothing waits to be read.
    var isEmpty: Bool { state.withLock(\.elements.isEmpty) }
}
