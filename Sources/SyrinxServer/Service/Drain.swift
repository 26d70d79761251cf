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
        let signals = Signals([SIGTERM, SIGINT])
        defer { signals.stop() }
        guard await signals.next() else { return 0 }
        manager.beginDraining()
        logger.notice("draining", metadata: ["sessions": "\(manager.activeCount)", "deadline": "\(deadline)"])
        let forced = await withTaskGroup(of: Int?.self) { tasks in
            tasks.addTask { await manager.drain(deadline: deadline) }
            tasks.addTask { await signals.next() ? await manager.drain(deadline: .zero) : nil }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first ?? 0
        }
        logger.notice("drained", metadata: ["closed": "\(forced)"])
        return forced == 0 ? 0 : 3
    }
}

/// The process's wish to end, signal by signal. Two matter; more are dropped.
private final class Signals: @unchecked Sendable {
    private let numbers: [Int32]
    private let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32]) {
        self.numbers = numbers
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(2))
        self.stream = stream
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Waits for a signal; false when the task was cancelled.
    func next() async -> Bool {
        for await _ in stream { return true }
        return false
    }

    /// From here on a signal ends the process.
    func stop() {
        for source in sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }
}
