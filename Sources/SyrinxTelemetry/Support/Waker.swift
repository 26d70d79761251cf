// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Lets one loop wait until somebody has something for it. A call that comes before the wait is not lost.
final class Waker: Sendable {
    private enum State {
        case idle, called
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    func wake() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .waiting(let continuation) = state {
                state = .idle
                return continuation
            }
            state = .called
            return nil
        }
        waiting?.resume()
    }

    /// Returns when it is called, or its task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCalled = state.withLock { state in
                    if case .called = state {
                        state = .idle
                        return true
                    }
                    state = .waiting(continuation)
                    return false
                }
                if isCalled { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
    }

    /// The same, but no longer than this.
    func wait(atMost time: Duration, on clock: TelemetryClock) async {
        let alarm = Task {
            guard (try? await clock.sleep(time)) != nil else { return }
            self.wake()
        }
        await wait()
        alarm.cancel()
    }
}
