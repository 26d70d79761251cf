// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

/// Live plugins on a real host, with profiles of its own: sessions by hand, time by hand.
final class LiveBench {
    let plugin: VersionedPlugin
    let environment = FakeHostEnvironment()
    let executor = FakeExecutor()
    let host: PluginHost
    let live: LivePlugins
    let profiles: FakeProfiles
    let events = EventList()

    init(_ change: (inout LivePlugins.Options) -> Void = { _ in }) throws {
        plugin = try VersionedPlugin()
        host = PluginHost(environment: environment)
        profiles = FakeProfiles(host)
        var options = LivePlugins.Options()
        change(&options)
        live = LivePlugins(
            host: host, source: try CopyingPackageSource(), options: options, report: { [events] in events.add($0) })
    }

    deinit { plugin.remove() }

    /// As a server starts: what the folder holds serves, profiles are prepared.
    func start() throws {
        try live.load([plugin.root])
        live.serve(profiles)
        _ = profiles.followRoutes(keepWorking: false)
    }

    /// What a session says that begins now.
    func word(_ reference: String = "versioned") throws -> String {
        let session = try #require(profiles.begin(reference, executor))
        defer { session.end() }
        return session.ask(executor)
    }

    func state(of generation: Int) throws -> String? {
        let why = try live.why("versioned")
        return why["generations"]?.array?.first { $0["generation"]?.int == Int64(generation) }?["state"]?.string
    }
}

/// What a profile store does, without profiles: a stage for each reference.
final class FakeProfiles: RouteUser {
    private let host: PluginHost
    private let wanted = Mutex<[StageUse]>([])
    private let leases = Mutex<[String: ProviderLease]>([:])

    init(_ host: PluginHost) {
        self.host = host
        use("versioned")
    }

    func use(_ reference: String, configuration: JSONValue = [:], kind: PluginKind = .agent) {
        guard let parsed = try? ProviderReference(reference) else { return }
        wanted.withLock {
            $0.append(
                StageUse(
                    profile: reference, kind: kind, reference: parsed, configuration: configuration,
                    options: .object([:])))
        }
    }

    var uses: [StageUse] { wanted.withLock { $0 } }

    func followRoutes(keepWorking: Bool) -> [SyrinxError] {
        var problems: [SyrinxError] = []
        for use in uses {
            do throws(SyrinxError) {
                let lease = try host.lease(
                    host.registry.find(use.kind, use.reference), configuration: use.configuration)
                leases.withLock { $0[use.profile] = lease }
            } catch {
                guard leases.withLock({ $0[use.profile] }) != nil else { continue }
                problems.append(error)
                if !keepWorking { leases.withLock { $0[use.profile] = nil } }
            }
        }
        return problems
    }

    func begin(_ reference: String, _ executor: FakeExecutor) -> FakeCall? {
        guard let provider = leases.withLock({ $0[reference] })?.provider else { return nil }
        return try? FakeCall(provider, executor)
    }
}

/// A session on an agent, that remembers what it was told.
final class FakeCall {
    private var stage: StageSession?
    private var turn: UInt64 = 0

    init(_ provider: ProviderInstance, _ executor: FakeExecutor) throws {
        let said = Said()
        self.said = said
        stage = try provider.openSession(
            StageParameters(session: "s", inputRate: 16_000, outputRate: 16_000), executor: executor
        ) { if case .delta(let text) = $0.kind { said.add(text) } }
    }

    private let said: Said

    func ask(_ executor: FakeExecutor) -> String {
        turn += 1
        stage?.send(.prompt(text: "who are you", json: "{}"), generation: turn)
        executor.run()
        return said.last
    }

    func end() {
        stage?.close {}
        stage = nil
    }

    private final class Said: Sendable {
        private let words = Mutex<[String]>([])

        func add(_ word: String) { words.withLock { $0.append(word) } }
        var last: String { words.withLock { $0.last ?? "" } }
    }
}

final class EventList: Sendable {
    private let events = Mutex<[PluginEvent]>([])

    func add(_ event: PluginEvent) { events.withLock { $0.append(event) } }

    /// `promoted 2`, without what is only for the record.
    var steps: [String] {
        events.withLock { $0 }.map { $0.generation > 0 ? "\($0.name.rawValue) \($0.generation)" : $0.name.rawValue }
    }

    func detail(_ name: PluginEvent.Name) -> String? { events.withLock { $0.last { $0.name == name }?.detail } }
}
