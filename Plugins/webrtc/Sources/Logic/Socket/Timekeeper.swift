// SPDX-License-Identifier: Apache-2.0
internal import SocketThreads
internal import Synchronization
internal import SyrinxPlugin

/// A thread that does what is due in its share of the calls: decoding what came, above all.
final class Timekeeper: Sendable {
    private struct State {
        var calls: [Call] = []
        var isStopping = false
    }

    private let host: Host
    private let wakeup: Wakeup
    private let state = Mutex(State())
    private let thread = Mutex<WorkerThread?>(nil)

    init(host: Host) throws(PluginError) {
        self.host = host
        wakeup = try Wakeup()
        // The thread keeps this object until `stop()`.
        let worker = try WorkerThread { [self] in run() }
        thread.withLock { $0 = worker }
    }

    /// How many calls it has.
    var load: Int { state.withLock { $0.calls.count } }

    func add(_ call: Call) {
        state.withLock { $0.calls.append(call) }
        wakeup.signal()
    }

    func remove(_ call: Call) {
        state.withLock { $0.calls.removeAll { $0 === call } }
    }

    /// Ends the thread and waits for it.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
        thread.withLock { $0 }?.join()
    }

    private func run() {
        while true {
            let (calls, isStopping) = state.withLock { ($0.calls, $0.isStopping) }
            if isStopping { return }
            guard let next = calls.lazy.map({ [host] in $0.tick(at: host.now) }).min() else {
                wakeup.wait(milliseconds: -1)
                continue
            }
            // Rounded up: what is due within the same millisecond is done at one waking.
            let wait = (next - host.now + 999_999) / 1_000_000
            if wait > 0 { wakeup.wait(milliseconds: Int32(clamping: wait)) }
        }
    }
}
