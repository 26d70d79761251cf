// SPDX-License-Identifier: Apache-2.0

internal import CSyrinxHost
@preconcurrency internal import Dispatch
internal import Glibc

/// Signals of the process as a stream. Two matter; more are dropped. Until `stop` they do nothing else. One at a time for
/// SIGHUP, and one for all others.
///
/// Dispatch's own source of signals would take them over a moment later, and never again once they were given back.
final class ProcessSignals: @unchecked Sendable {
    let stream: AsyncStream<Void>
    private let queue = DispatchQueue(label: "syrinx.signals")
    private let source: any DispatchSourceRead
    /// What each did before.
    private let before: [(number: Int32, action: sigaction)]

    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(2))
        self.stream = stream
        let counter = syrinx_signals_fd(numbers.first ?? 0)
        while Self.takeOne(counter) {}
        source = DispatchSource.makeReadSource(fileDescriptor: counter, queue: queue)
        source.setEventHandler {
            while Self.takeOne(counter) { continuation.yield() }
        }
        source.resume()
        before = numbers.map { number in
            var old = sigaction()
            var new = sigaction()
            new.__sigaction_handler.sa_handler = syrinx_signals_count
            new.sa_flags = SA_RESTART
            sigaction(number, &new, &old)
            return (number, old)
        }
    }

    private static func takeOne(_ counter: Int32) -> Bool {
        var value: UInt64 = 0
        return read(counter, &value, MemoryLayout<UInt64>.size) == MemoryLayout<UInt64>.size
    }

    /// From here on a signal does what it did before.
    func stop() {
        for (number, action) in before {
            var action = action
            sigaction(number, &action, nil)
        }
        source.cancel()
        // What it is reading just now is its own; what comes later is not.
        queue.sync {}
    }
}
