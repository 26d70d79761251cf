// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI

/// What a plugin in a helper is to get once, and had no room for: asked again in order, by one timer for all of it. A
/// helper that asks for ever more and reads none of it loses the rest. Not locked: all of it happens on the session's
/// executor, `retry` included.
final class OwedCalls: @unchecked Sendable {
    typealias Call = @Sendable () -> Int32

    static let limit = 1024

    private let retry: (@escaping @Sendable () -> Void) -> Void
    private var calls: [Call] = []
    private var isScheduled = false

    /// - Parameter retry: runs its argument a little later.
    init(retry: @escaping (@escaping @Sendable () -> Void) -> Void) { self.retry = retry }

    /// One that was refused just now.
    /// - Returns: False: there is no room, it is lost.
    func add(_ call: @escaping Call) -> Bool {
        guard calls.count < Self.limit else { return false }
        calls.append(call)
        schedule()
        return true
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        retry { [weak self] in self?.settle() }
    }

    private func settle() {
        isScheduled = false
        // A call may add others.
        while let call = calls.first {
            guard call() != Int32(SYX_EAGAIN) else { return schedule() }
            calls.removeFirst()
        }
    }
}
