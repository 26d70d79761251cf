// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

@Suite("Providers and their sessions") final class ProviderTests {
    private let fixture: FixturePlugin
    private let environment = FakeHostEnvironment()
    private let executor = FakeExecutor()
    private let host: PluginHost
    private let said = Said()

    init() throws {
        fixture = try FixturePlugin("agent")
        host = PluginHost(environment: environment)
        try host.load(folder: fixture.plugins)
    }

    deinit { fixture.remove() }

    private func provider(_ configuration: JSONValue = [:]) throws -> ProviderInstance {
        try host.provider(.agent, ProviderReference("fixture"), configuration: configuration)
    }

    private func session(_ provider: ProviderInstance? = nil) throws -> StageSession {
        let provider = try provider ?? self.provider()
        let parameters = StageParameters(session: "s", inputRate: 16_000, outputRate: 16_000)
        return try provider.openSession(parameters, executor: executor) { [said] in said.note($0) }
    }

    @Test func `an agent's answer arrives in order, after the call that caused it`() throws {
        let session = try session()
        session.send(.prompt(text: "hello", json: "{}"), generation: 4)
        #expect(said.texts.isEmpty)
        executor.run()
        #expect(said.texts == ["you said ", "hello"])
        #expect(said.generations == [4, 4, 4])
    }

    @Test func `a wrong configuration is refused with the plugin and the JSON path`() throws {
        #expect {
            _ = try provider(["speed": "fast"])
        } throws: { error in
            let error = error as? SyrinxError
            return error?.code == "plugin.config_invalid" && error?.place == "agent fixture@1.0.0:config.speed"
        }
        #expect {
            _ = try provider(["sped": 1])
        } throws: { ($0 as? SyrinxError)?.fix?.contains("speed") == true }
    }

    @Test func `equal configurations share a provider, others do not`() throws {
        #expect(try provider() === provider(["speed": 1]))
        #expect(try provider() !== provider(["speed": 2]))
    }

    @Test func `a provider that cannot open says why in its own words`() {
        #expect {
            _ = try provider(["fail": true])
        } throws: { error in
            let error = error as? SyrinxError
            return error?.code == "provider.not_found" && error?.message.contains("no such model") == true
        }
    }

    @Test func `a provider's own session limit holds, and a closed session makes room`() throws {
        let provider = try provider()
        let first = try session(provider)
        _ = try session(provider)
        #expect(throws: SyrinxError.self) { try session(provider) }
        first.close {}
        _ = try session(provider)
        #expect(provider.openSessions == 2)
    }

    @Test func `of a session that does not open nothing is heard, and nothing is left`() throws {
        let provider = try provider(["refuse": true])
        #expect(throws: SyrinxError.self) { try session(provider) }
        executor.advance(by: .milliseconds(100))
        #expect(said.generations.isEmpty)
        #expect(provider.openSessions == 0)
    }

    @Test func `events of a cancelled generation are dropped`() throws {
        let session = try session()
        session.send(.prompt(text: "one", json: "{}"), generation: 1)
        session.cancel(1)
        session.send(.prompt(text: "two", json: "{}"), generation: 2)
        executor.run()
        #expect(said.texts == ["you said ", "two"])
    }

    @Test func `a plugin that floods is told to wait, and memory stays bounded`() throws {
        let session = try session()
        session.send(.prompt(text: "flood", json: "{}"), generation: 1)
        executor.run()
        #expect(said.texts.count == 513)
        #expect(said.texts.last == "writable")
    }

    @Test(arguments: ["invalid", "foreign"])
    func `malformed and forbidden events are refused and counted`(_ word: String) throws {
        let session = try session()
        #expect(session.send(.prompt(text: word, json: "{}"), generation: 1) == 0)
        executor.run()
        #expect(said.texts.isEmpty)
        #expect(session.provider.faults == 1)
    }

    @Test func `blocking tasks run one after another, and each is reported`() throws {
        let session = try session()
        session.send(.prompt(text: "work", json: "{}"), generation: 1)
        for task in 1...3 {
            #expect(environment.runOneWork())
            #expect(!environment.runOneWork(), "the next task starts only after the last is finished")
            executor.run()
            #expect(said.texts.count == task)
        }
        #expect(said.texts == ["task 1", "task 2", "task 3"])
    }

    @Test func `a session closes only after the tasks that were accepted, and nothing comes afterwards`() throws {
        let session = try session()
        session.send(.prompt(text: "work", json: "{}"), generation: 1)
        let closed = Flag()
        session.close { closed.raise() }
        for task in 1...3 {
            #expect(!closed.isRaised)
            #expect(environment.runOneWork(), "task \(task) runs: what it was given is freed nowhere else")
            executor.run()
        }
        #expect(closed.isRaised)
        #expect(!environment.runOneWork())
        #expect(said.texts.isEmpty)
        #expect(session.send(.prompt(text: "hello", json: "{}"), generation: 2) < 0)
    }

    @Test func `a timer fires once, on the session's executor`() throws {
        let session = try session()
        session.send(.prompt(text: "timer", json: "{}"), generation: 1)
        executor.advance(by: .milliseconds(49))
        #expect(said.texts.isEmpty)
        executor.advance(by: .milliseconds(1))
        #expect(said.texts == ["tick"])
    }

    @Test func `a plugin's log and metrics reach the host under its name`() throws {
        let session = try session()
        session.send(.prompt(text: "log", json: "{}"), generation: 1)
        #expect(environment.logs == ["fixture@1.0.0 2 hello from the plugin"])
        #expect(environment.metrics == ["fixture@1.0.0 words": 2.5])
    }

    @Test func `a refused request answers with a negative status`() throws {
        #expect(try session().send(.prompt(text: "refuse", json: "{}"), generation: 1) < 0)
    }
}

private final class Flag: Sendable {
    private let value = Mutex(false)

    func raise() { value.withLock { $0 = true } }

    var isRaised: Bool { value.withLock { $0 } }
}

/// What a session's plugin said.
private final class Said: Sendable {
    private let events = Mutex<[StageEvent]>([])

    func note(_ event: StageEvent) { events.withLock { $0.append(event) } }

    var generations: [UInt64] { events.withLock { $0.map(\.generation) } }

    var texts: [String] {
        events.withLock { events in
            events.compactMap { event in
                if case .delta(let text) = event.kind { text } else { nil }
            }
        }
    }
}
