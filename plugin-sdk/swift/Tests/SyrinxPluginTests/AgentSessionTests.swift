// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

/// Answers each prompt after a second.
private struct Sleeper: AgentMachine {
    let host: SessionHost
    let outbox: Outbox
    private var open: Set<UInt64> = []

    init(host: SessionHost, outbox: Outbox) {
        self.host = host
        self.outbox = outbox
    }

    var isIdle: Bool { open.isEmpty }

    mutating func take(_ request: AgentRequest) throws(PluginError) -> Status {
        switch request {
        case .prompt(let generation, let text, _):
            guard !text.isEmpty else { throw .invalid("nothing was said") }
            open.insert(generation)
            _ = host.startTimer(afterMilliseconds: 1_000, cookie: generation)
        case .timer(let generation):
            guard open.remove(generation) != nil else { return .skip }
            outbox.send(.delta("yawn", generation: generation))
            outbox.send(.done(generation: generation))
        case .toolResult: return .skip
        }
        return .ok
    }

    mutating func take(_ event: NetworkEvent) {}

    mutating func cancel(_ generation: UInt64) {
        if open.remove(generation) != nil { outbox.send(.cancelled(generation: generation)) }
    }
}

private final class SleeperProvider: Provider {
    init(config: NoOptions, host: Host) throws(PluginError) {}

    func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> AgentSession<Sleeper> {
        AgentSession(host: host) { Sleeper(host: host, outbox: $0) }
    }
}

private let module = Module([
    ProviderDescription(
        SleeperProvider.self,
        kind: .agent,
        id: "sleeper",
        version: "1.0.0",
        name: "Sleeper",
        vendor: "Syrinx"
    )
])

@Suite("An agent's session")
struct AgentSessionTests {
    private func withSleeper(queueLimit: Int = .max, _ body: (FakeSession) throws -> Void) throws {
        let provider = try FakeHost().open(module.table, .agent, "sleeper")
        let session = try provider.openSession(queueLimit: queueLimit)
        try body(session)
        session.close()
        #expect(session.eventsAfterClose == 0)
        provider.close()
    }

    @Test func `ends each of several prompts once`() throws {
        try withSleeper { session in
            session.prompt("one", generation: 1)
            session.prompt("two", generation: 2)
            session.cancel(1)
            session.advance(milliseconds: 1_000)
            #expect(session.terminals(1).map(\.type) == [.cancelled])
            #expect(session.terminals(2).map(\.type) == [.done])
            #expect(session.answer(2) == "yawn")
        }
    }

    @Test func `refuses a prompt as its machine does`() throws {
        try withSleeper { session in
            #expect(session.send(OutgoingEvent(.prompt, generation: 1)) == .invalid)
            #expect(session.terminals(1).isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `is drained when the last prompt ended, however`(isCancelled: Bool) throws {
        try withSleeper { session in
            session.prompt("one", generation: 1)
            session.send(OutgoingEvent(.drain))
            #expect(!session.events.contains { $0.type == .drained })
            if isCancelled { session.cancel(1) } else { session.advance(milliseconds: 1_000) }
            #expect(session.events.count { $0.type == .drained } == 1)
            #expect(session.events.last?.type == .drained)
        }
    }

    @Test func `is drained at once when nothing is under way`() throws {
        try withSleeper { session in
            session.send(OutgoingEvent(.drain))
            #expect(session.events.map(\.type) == [.drained])
        }
    }

    @Test func `keeps what the host cannot take, and drops what is cancelled of it`() throws {
        try withSleeper(queueLimit: 1) { session in
            session.prompt("one", generation: 1)
            session.advance(milliseconds: 1_000)
            #expect(session.events.map(\.type) == [.delta])
            session.cancel(1)
            session.takeAll()
            #expect(session.events.map(\.type) == [.delta, .cancelled])
        }
    }
}
