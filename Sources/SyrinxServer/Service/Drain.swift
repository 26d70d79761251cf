// SPDX-License-Identifier: Apache-2.0

@preconcurrency internal import Dispatch
internal import Foundation
internal import Logging
internal import SyrinxRuntime

/// SIGTERM and SIGINT: no new sessions, live calls end by themselves, at the deadline the rest is closed. A second
/// signal is the deadline.
struct Drain: Sendable {
    let manager: SessionManager
    let deadline: Duration
    let logger: Logger

    /// - Returns: the exit code, 0 or 3.
    func afterSignal() async -> Int32 {
        var signals = Signals.stream.makeAsyncIterator()
        guard await signals.next() != nil else { return 0 }
        manager.beginDraining()
        logger.notice("draining", metadata: ["sessions": "\(manager.activeCount)", "deadline": "\(deadline)"])
        let forced = await withTaskGroup(of: Int.self) { tasks in
            tasks.addTask { await manager.drain(deadline: deadline) }
            tasks.addTask {
                for await _ in Signals.stream { return await manager.drain(deadline: .zero) }
                return 0
            }
            let first = await tasks.next() ?? 0
            tasks.cancelAll()
            return first
        }
        logger.notice("drained", metadata: ["closed": "\(forced)"])
        return forced == 0 ? 0 : 3
    }
}

/// The process's wish to end, as a stream; two signals matter, more are dropped.
private enum Signals {
    static var stream: AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(2)) { continuation in
            let sources = Sources([SIGTERM, SIGINT]) { continuation.yield() }
            continuation.onTermination = { _ in sources.cancel() }
        }
    }

    private final class Sources: @unchecked Sendable {
        private let all: [any DispatchSourceSignal]

        init(_ signals: [Int32], _ handler: @escaping @Sendable () -> Void) {
            all = signals.map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler(handler: handler)
                source.resume()
                return source
            }
        }

        func cancel() { for source in all { source.cancel() } }
    }
}
