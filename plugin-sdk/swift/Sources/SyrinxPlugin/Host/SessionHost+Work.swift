// SPDX-License-Identifier: Apache-2.0
internal import SyrinxABI

extension SessionHost {
    /// Runs `work` once on a worker thread of the host, then sends ``EventType/taskDone`` with `cookie` as its id.
    ///
    /// The place for everything that blocks. `plugin.json` has to ask for it: `"permissions": {"run": true}`. The work of one session runs one after another, in order, and
    /// ``Session/close()`` comes only after the last has returned.
    ///
    /// - Returns: ``Status/ok``; ``Status/notPermitted`` without that permission; ``Status/again`` when the session has too much work waiting; ``Status/closed`` when it
    ///   is closing. On an error `work` never runs.
    public func run(cookie: UInt64, _ work: @escaping @Sendable () -> Void) -> Status {
        guard let run = core.pointee.run else { return .unsupported }
        let argument = Unmanaged.passRetained(BlockingWork(work)).toOpaque()
        let status = Status(rawValue: run(handle, runBlockingWork, argument, cookie))
        if status.isError {
            Unmanaged<BlockingWork>.fromOpaque(argument).release()
        }
        return status
    }
}

private final class BlockingWork: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

@Sendable
private func runBlockingWork(_ argument: UnsafeMutableRawPointer?) {
    guard let argument else { return }
    Unmanaged<BlockingWork>.fromOpaque(argument).takeRetainedValue().body()
}
