// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

/// The same module in this process and in a helper.
@Suite("Isolated plugins") final class IsolationTests {
    private let fixture: FixturePlugin
    private let environment = FakeHostEnvironment()
    private let executor = FakeExecutor()

    init() throws { fixture = try FixturePlugin("isolated") }

    deinit { fixture.remove() }

    private func host(
        _ isolation: PluginLoading.Isolation, _ change: (inout IsolationSettings) -> Void = { _ in }
    )
        throws -> PluginHost
    {
        var settings = IsolationSettings(keepsSpare: false, virtualClock: true).patient
        change(&settings)
        let host = PluginHost(
            environment: environment, loading: PluginLoading(isolation: isolation, settings: settings))
        #expect(try host.load(folder: fixture.plugins).compactMap(\.refusal).isEmpty)
        return host
    }

    private func session(_ host: PluginHost, _ said: Heard) throws -> StageSession {
        let provider = try host.provider(.agent, ProviderReference("fixture"), configuration: [:])
        let parameters = StageParameters(session: "s", inputRate: 16_000, outputRate: 16_000)
        return try provider.openSession(parameters, executor: executor) { said.note($0) }
    }

    /// Until nothing is under way anywhere.
    private func settle(_ host: PluginHost) {
        for _ in 1...4 {
            while environment.runOneWork() {}
            for module in host.isolatedModules { #expect(module.settle(at: environment.now())) }
            executor.run()
        }
    }

    private func run(_ isolation: PluginLoading.Isolation, _ words: [String]) throws -> [String] {
        let host = try host(isolation)
        let said = Heard()
        let session = try session(host, said)
        for (number, word) in words.enumerated() {
            let status = session.send(.prompt(text: word, json: "{}"), generation: UInt64(number + 1))
            said.add("\(word): \(status)")
            settle(host)
            environment.advance(by: .milliseconds(60))
            executor.advance(by: .milliseconds(60))
            settle(host)
        }
        session.close {}
        settle(host)
        #expect(host.close())
        return said.all
    }

    @Test func `a plugin says the same in a helper as in this process`() throws {
        let words = ["hello", "work", "timer", "invalid", "log", "again"]
        let here = try run(.never, words)
        #expect(here.count > 10)
        let there = try run(.always, words)
        #expect(there == here)
    }

    @Test(arguments: ["crash", "abort", "exit", "kill", "hang", "stop"])
    func `a helper that ends costs its own sessions and no others`(how: String) throws {
        let host = try host(.always) {
            $0.grouping = .session
            $0.keepsSpare = true
            // Here a helper that stands still is what it is about.
            if how == "hang" || how == "stop" { $0.callHang = .seconds(2) }
        }
        let (mine, other, next) = (Heard(), Heard(), Heard())
        let victim = try session(host, mine)
        let neighbour = try spared { try session(host, other) }
        victim.send(.prompt(text: how, json: "{}"), generation: 1)
        settle(host)
        #expect(victim.isLost)
        #expect(mine.all == ["1 failed provider.connectivity"])
        #expect(victim.send(.prompt(text: "hello", json: "{}"), generation: 2) < 0, "nobody is there")
        #expect(!neighbour.isLost)
        neighbour.send(.prompt(text: "hello", json: "{}"), generation: 3)
        settle(host)
        #expect(other.texts == ["you said ", "hello"])
        victim.close {}
        settle(host)
        let successor = try spared { try session(host, next) }
        successor.send(.prompt(text: "hello", json: "{}"), generation: 4)
        settle(host)
        #expect(next.texts == ["you said ", "hello"])
        for session in [neighbour, successor] { session.close {} }
        settle(host)
        #expect(host.close())
        #expect(host.isolatedModules.first?.deaths == 1)
    }

    @Test func `what finds a helper's queue full is told when there is room`() throws {
        let host = try host(.always) { $0.callHang = .seconds(5) }
        let said = Heard()
        let session = try session(host, said)
        session.send(.prompt(text: "timer", json: "{}"), generation: 1)
        session.send(.prompt(text: "burst", json: "{}"), generation: 2)
        for module in host.isolatedModules { #expect(module.settle(at: environment.now())) }
        let process = try #require(host.isolatedModules.first?.busyProcesses.first)
        stop(process)
        let keys = String(repeating: "1", count: 32_000)
        while session.send(.keys(keys)) == 0 {}
        while session.send(.keys("")) == 0 {}
        // The timer fires, and the executor takes what the plugin had no room for.
        executor.advance(by: .milliseconds(50))
        #expect(said.texts.count == 513)
        kill(process, SIGCONT)
        settle(host)
        executor.advance(by: .milliseconds(5))
        settle(host)
        #expect(Set(said.texts.dropFirst(513)) == ["tick", "writable"])
        session.close {}
        settle(host)
        #expect(host.close())
    }

    /// Stands still until SIGCONT, and has stopped when this returns.
    private func stop(_ process: Int32) {
        var ignored = siginfo_t()
        kill(process, SIGSTOP)
        #expect(waitid(P_PID, id_t(process), &ignored, WSTOPPED | WNOWAIT) == 0)
    }

    /// The spare starts in the background, behind what other tests start there.
    private func spared(_ open: () throws -> StageSession) throws -> StageSession {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let session = try? open() { return session }
            usleep(1000)
        }
        return try open()
    }

    @Test func `tenants share a helper when the operator groups by plugin`() throws {
        let host = try host(.always) { $0.grouping = .plugin }
        let sessions = try ["acme", "zenith"].map { tenant in
            let provider = try host.provider(.agent, ProviderReference("fixture"), configuration: [:], tenant: tenant)
            let parameters = StageParameters(tenant: tenant, session: "s", inputRate: 16_000, outputRate: 16_000)
            return try provider.openSession(parameters, executor: executor) { _ in }
        }
        #expect(host.isolatedModules.first?.busyProcesses.count == 1)
        for session in sessions { session.close {} }
        settle(host)
        #expect(host.close())
    }

    @Test func `a plugin that keeps dying is quarantined`() throws {
        let host = try host(.always) {
            $0.grouping = .session
            $0.keepsSpare = true
        }
        for _ in 1...3 {
            let victim = try spared { try session(host, Heard()) }
            victim.send(.prompt(text: "crash", json: "{}"), generation: 1)
            settle(host)
            victim.close {}
            settle(host)
        }
        #expect(host.isolatedModules.first?.quarantine?.contains("SIGSEGV in handle") == true)
        #expect(throws: SyrinxError.self) { _ = try session(host, Heard()) }
    }

    @Test(arguments: [
        ("abort()", "plugin.probe.crashed"), ("_Exit(0)", "plugin.probe.exited"),
        ("for(volatile int forever=1;forever;){}", "plugin.probe.timeout"),
    ])
    func `what goes wrong while a module is loaded, goes wrong in a helper`(deed: String, code: String) throws {
        let deadly = try FixturePlugin("deadly", macros: ["FIXTURE_LOADING=\(deed)"])
        defer { deadly.remove() }
        var settings = IsolationSettings()
        settings.loadHang = .seconds(2)
        let host = PluginHost(environment: environment, loading: PluginLoading(isolation: .never, settings: settings))
        #expect(try host.load(folder: deadly.plugins).map(\.refusal?.code) == [code])
    }

    @Test func `a helper may not read what is not the plugin's`() throws {
        let host = try host(.always)
        let said = Heard()
        let session = try session(host, said)
        session.send(.prompt(text: "read", json: "{}"), generation: 1)
        settle(host)
        #expect(said.texts == ["may not"])
        session.close {}
        settle(host)
        #expect(host.close())
    }
}

/// What a session said, as lines.
private final class Heard: Sendable {
    private let lines = Mutex<[String]>([])
    private let deltas = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    func note(_ event: StageEvent) {
        switch event.kind {
        // A helper that took its time to open the session says so later.
        case .ready: break
        case .delta(let text):
            deltas.withLock { $0.append(text) }
            add("\(event.generation) \(text)")
        case .failed(_, let code, _, _): add("\(event.generation == 0 ? 1 : event.generation) failed \(code)")
        default: add("\(event.generation) \(event.kind)")
        }
    }

    var all: [String] { lines.withLock { $0 } }
    var texts: [String] { deltas.withLock { $0 } }
}
