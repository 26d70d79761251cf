// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin

/// An agent with one option and every synchronous habit: options, errors, timers, blocking work, an outbox.
final class ParrotProvider: Provider {
    struct Config: Decodable, Sendable {
        var prefix: String?
        var fails: Bool?
    }

    let prefix: String
    let host: Host

    init(config: Config, host: Host) throws(PluginError) {
        if config.fails == true {
            throw PluginError(.unauthenticated, String(repeating: "ä", count: 300), isRetryable: true)
        }
        prefix = config.prefix ?? ""
        self.host = host
    }

    func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> ParrotSession {
        ParrotSession(prefix: prefix, host: host)
    }

    func health() throws(PluginError) {
        if prefix == "ill" { throw .unavailable("not well") }
    }
}

final class ParrotSession: ResettableSession {
    private let prefix: String
    private let host: SessionHost
    private let outbox: Outbox
    private var count = 0

    init(prefix: String, host: SessionHost) {
        self.prefix = prefix
        self.host = host
        outbox = Outbox(host: host)
    }

    func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        switch event.type {
        case .prompt:
            count += 1
            host.metric(0, 1)
            outbox.send(.delta(prefix + event.text, generation: event.generation))
            outbox.send(.done(generation: event.generation))
        case .writable: outbox.flush()
        case .dtmfIn: _ = host.startTimer(afterMilliseconds: 20, cookie: 7)
        case .timer: outbox.send(.delta("timer \(event.id)", generation: 0))
        case .toolResult: return host.run(cookie: 9) { [host] in host.log(.info, "worked") }
        case .taskDone: outbox.send(.delta("task \(event.id) count \(count)", generation: 0))
        case .config: throw .invalid("no such option")
        default: return .skip
        }
        return .ok
    }

    func cancel(_ generation: UInt64) { outbox.cancel(generation) }
    func reset() { count = 0 }
    func close() { outbox.close() }
}

/// A vad whose probability is the first sample over full scale.
final class MeterProvider: Provider {
    init(config: NoOptions, host: Host) throws(PluginError) {}

    func openSession(_ params: SessionParams, options: NoOptions, host: SessionHost) throws(PluginError) -> Meter {
        Meter()
    }
}

final class Meter: AnalysingSession {
    func handle(_ event: borrowing Event) throws(PluginError) -> Status { .skip }

    func process(_ frame: borrowing AudioFrame) -> FrameAnalysis {
        let first = frame.withInt16 { $0.isEmpty ? 0 : $0[0] } ?? 0
        return FrameAnalysis(probability: Float(first) / 32_768)
    }
}

/// An asynchronous agent that does as the prompt says.
final class ThinkerProvider: Provider {
    init(config: NoOptions, host: Host) throws(PluginError) {}

    func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> AsyncSession<Thinker> {
        AsyncSession(Thinker(), host: host)
    }
}

final class Thinker: AsyncResponder {
    func respond(to request: Prompt, sink: ResponseSink) async throws {
        switch request.text {
        case "sleep":
            try await sink.sleep(milliseconds: 100)
            try await sink.delta("slept")
        case "tool":
            try await sink.delta("tool said \(try await sink.callTool("time", arguments: "{}"))")
        case "fail": throw PluginError(.quotaExceeded, "no more")
        case "deaf":
            // Ignores its cancellation, as bad plugins do.
            while !sink.host.isCancelled(request.generation) { await Task.yield() }
            try? await sink.delta("too late")
        case "bye": sink.hangUpAfterwards()
        default:
            for index in 1...10 { try await sink.delta("\(index) ") }
        }
    }
}

let fixtures = Module([
    ProviderDescription(
        ParrotProvider.self,
        kind: .agent,
        id: "parrot",
        version: "1.0.0",
        name: "Parrot",
        vendor: "Syrinx",
        metrics: [Metric("parrot_prompts_total", .counter, help: "Prompts.")]
    ),
    ProviderDescription(
        MeterProvider.self,
        kind: .vad,
        id: "meter",
        version: "1.0.0",
        name: "Meter",
        vendor: "Syrinx",
        traits: .realtimeProcess
    ),
    ProviderDescription(
        ThinkerProvider.self,
        kind: .agent,
        id: "thinker",
        version: "1.0.0",
        name: "Thinker",
        vendor: "Syrinx"
    ),
])
