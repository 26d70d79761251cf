// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Where the tasks of a session wait for events, and `handle` wakes them.
///
/// A signal may come before its waiter has gone to sleep: expected ones are kept, and `writable` is counted.
final class SignalBoard: Sendable {
    enum Signal: Hashable {
        /// Credit came back after this many times.
        case writable(after: UInt64)
        case timer(UInt64)
        case tool(UInt64)
    }

    /// What came with the signal.
    struct Answer {
        var status = Status.ok
        var text = ""
    }

    private typealias Continuation = CheckedContinuation<Answer, any Error>

    private struct State {
        var lastID: UInt64 = 0
        var writableCount: UInt64 = 0
        var waiting: [UInt64: (signal: Signal, continuation: Continuation)] = [:]
        var expected: [Signal: Answer?] = [:]
        var abandoned: Set<UInt64> = []
    }

    private let state = Mutex(State())

    /// A number that no timer, tool call or waiter of this session has.
    func nextID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Read it before sending; then a credit that comes back in between is not missed.
    var writableCount: UInt64 { state.withLock { $0.writableCount } }

    /// Says that `signal` may come from now on.
    func expect(_ signal: Signal) {
        state.withLock { $0.expected[signal] = .some(nil) }
    }

    func forget(_ signal: Signal) {
        state.withLock { _ = $0.expected.removeValue(forKey: signal) }
    }

    /// Sleeps until `signal` comes.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func wait(for signal: Signal) async throws -> Answer {
        let id = nextID()
        defer { state.withLock { _ = $0.abandoned.remove(id) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { register($0, id: id, for: signal) }
        } onCancel: {
            abandon(id)
        }
    }

    /// Wakes everyone who waits for credit.
    func writable() {
        let woken = state.withLock { state in
            state.writableCount += 1
            return Self.take(&state) { if case .writable = $0 { true } else { false } }
        }
        woken.forEach { $0.resume(returning: Answer()) }
    }

    /// Wakes the one who waits for `signal`; false when nobody does or will.
    func deliver(_ signal: Signal, _ answer: Answer) -> Bool {
        let (isKnown, woken) = state.withLock { state in
            let woken = Self.take(&state) { $0 == signal }
            // One that is kept already is the answer: what comes behind it is nobody's.
            guard case .some(.none) = state.expected[signal] else { return (!woken.isEmpty, woken) }
            state.expected[signal] = woken.isEmpty ? .some(answer) : nil
            return (true, woken)
        }
        woken.forEach { $0.resume(returning: answer) }
        return isKnown
    }

    private func register(_ continuation: Continuation, id: UInt64, for signal: Signal) {
        let early: Result<Answer, any Error>? = state.withLock { state in
            if state.abandoned.contains(id) { return .failure(CancellationError()) }
            if case .writable(let count) = signal, state.writableCount != count { return .success(Answer()) }
            if case .some(.some(let answer)) = state.expected[signal] {
                state.expected[signal] = nil
                return .success(answer)
            }
            state.waiting[id] = (signal, continuation)
            return nil
        }
        early.map { continuation.resume(with: $0) }
    }

    private func abandon(_ id: UInt64) {
        let waiter = state.withLock { state in
            state.abandoned.insert(id)
            return state.waiting.removeValue(forKey: id)
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private static func take(_ state: inout State, _ isWanted: (Signal) -> Bool) -> [Continuation] {
        let ids = state.waiting.filter { isWanted($0.value.signal) }.map(\.key)
        return ids.compactMap { state.waiting.removeValue(forKey: $0)?.continuation }
    }
}
