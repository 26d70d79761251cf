// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxCore

/// Sends what is in a buffer to a collector by OTLP/HTTP, batch by batch. One `run` at a time; `flush` after it.
package final class TraceExporter: Sendable {
    package struct Options: Sendable {
        /// `http://127.0.0.1:4318/v1/traces`
        package var endpoint: String
        package var headers: [(String, String)] = []
        package var resource: SpanAttributes = [
            "service.name": "syrinx", "service.version": .text(SyrinxVersion.current),
        ]
        package var interval = Duration.seconds(2)
        /// Spans of one request: about 1 MiB.
        package var batch = 2048
        package var timeout = Duration.seconds(10)
        package var backoff = Backoff(first: .seconds(1), longest: .seconds(30), tries: 6)

        package init(endpoint: String, headers: [(String, String)] = []) {
            self.endpoint = endpoint
            self.headers = headers
        }
    }

    private enum Answer { case taken, refused, again(Duration?) }
    private enum End { case settled, noTime }

    private let buffer: SpanBuffer
    private let poster: any HTTPPoster
    private let clock: TelemetryClock
    private let options: Options
    private let generator: Mutex<SplitMix64>

    /// - Parameter seed: of the spread of tries.
    package init(
        _ options: Options, buffer: SpanBuffer, poster: any HTTPPoster, clock: TelemetryClock = .system,
        seed: UInt64 = .random(in: 0 ... .max)
    ) {
        self.options = options
        self.buffer = buffer
        self.poster = poster
        self.clock = clock
        generator = Mutex(SplitMix64(seed: seed))
    }

    /// Until its task is cancelled; then what was under way is back in the buffer.
    package func run() async {
        while !Task.isCancelled {
            guard (try? await clock.sleep(options.interval)) != nil else { return }
            await drain(until: .distantFuture)
        }
    }

    /// Sends what is left, for the end of a process; what does not go out in time is dropped.
    package func flush(within time: Duration) async {
        await drain(until: clock.now() + time)
        buffer.note(dropped: buffer.take(atMost: .max).count)
    }

    private func drain(until deadline: Instant) async {
        while true {
            let batch = buffer.take(atMost: options.batch)
            if batch.isEmpty { return }
            guard await send(batch, until: deadline) == .settled else {
                buffer.giveBack(batch)
                return
            }
        }
    }

    private func send(_ batch: [FinishedSpan], until deadline: Instant) async -> End {
        let body = Array(OTLPTraces.request(batch, resource: options.resource).utf8)
        var failures = 0
        while true {
            let left = deadline - clock.now()
            guard left > .zero, !Task.isCancelled else { return .noTime }
            let asked: Duration?
            switch await attempt(body, timeout: min(options.timeout, left)) {
            case .taken:
                buffer.note(exported: batch.count)
                return .settled
            case .refused:
                buffer.note(dropped: batch.count, failures: 1)
                return .settled
            case .again(let after): asked = after
            }
            if Task.isCancelled { return .noTime }
            failures += 1
            buffer.note(failures: 1)
            if failures >= options.backoff.tries {
                buffer.note(dropped: batch.count)
                return .settled
            }
            let wait = generator.withLock { options.backoff.delay(after: failures, asked: asked, using: &$0) }
            guard wait < deadline - clock.now(), (try? await clock.sleep(wait)) != nil else { return .noTime }
        }
    }

    /// OTLP/HTTP: only 429, 502, 503 and 504 may be tried again.
    private func attempt(_ body: [UInt8], timeout: Duration) async -> Answer {
        let headers = [("content-type", OTLPTraces.contentType)] + options.headers
        do {
            let (status, retryAfter) = try await poster.post(
                options.endpoint, headers: headers, body: body, timeout: timeout)
            switch status {
            case 200..<300: return .taken
            case 429, 502, 503, 504: return .again(retryAfter)
            default: return .refused
            }
        } catch {
            return .again(nil)
        }
    }
}
