// SPDX-License-Identifier: Apache-2.0

@preconcurrency internal import Dispatch
internal import Glibc

/// Signals of the process as a stream. Two matter; more are dropped. Until `stop` they do nothing else.
final class ProcessSignals: @unchecked Sendable {
    let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]
    /// What each did before.
    private let before: [(number: Int32, action: sigaction)]

    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(2))
        self.stream = stream
        before = numbers.map { number in
            var action = sigaction()
            sigaction(number, nil, &action)
            signal(number, SIG_IGN)
            return (number, action)
        }
        sources = numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// From here on a signal does what it did before.
    func stop() {
        for source in sources { source.cancel() }
        for var (number, action) in before { sigaction(number, &action, nil) }
    }
}
