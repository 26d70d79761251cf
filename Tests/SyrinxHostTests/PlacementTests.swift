// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

/// Where a plugin runs by what its module and its manifest say of it.
@Suite("Where plugins run") final class PlacementTests {
    private let environment = FakeHostEnvironment()
    private let executor = FakeExecutor()

    /// - Parameter isLocked: the operator calls it core.
    private func host(
        _ fixture: FixturePlugin, isLocked: Bool = true, _ isolation: PluginLoading.Isolation = .untrusted,
        _ grouping: IsolationSettings.Grouping = .tenant
    ) throws -> (PluginHost, refusal: SyrinxError?) {
        var loading = PluginLoading(isolation: isolation, settings: IsolationSettings(grouping: grouping).patient)
        if isLocked {
            let folder = fixture.plugins + "/global"
            loading.verifier.lock = try PluginLock(locking: folder, isCore: true, verifier: PackageVerifier())
        }
        let host = PluginHost(environment: environment, loading: loading)
        return (host, try host.load(folder: fixture.plugins).compactMap(\.refusal).first)
    }

    private func sessions(_ host: PluginHost, _ tenants: [String]) throws -> [StageSession] {
        try tenants.map { tenant in
            let provider = try host.provider(.agent, ProviderReference("fixture"), configuration: [:], tenant: tenant)
            let parameters = StageParameters(tenant: tenant, session: "s", inputRate: 16_000, outputRate: 16_000)
            return try provider.openSession(parameters, executor: executor) { _ in }
        }
    }

    private func end(_ sessions: [StageSession], _ host: PluginHost) {
        for session in sessions { session.close {} }
        executor.run()
        #expect(host.close())
    }

    private static let global = ["FIXTURE_FLAGS=SYX_PF_GLOBAL_STATE"]

    @Test func `a library with one state for its process has one of its own, trusted or not`() throws {
        let fixture = try FixturePlugin("global", macros: Self.global)
        defer { fixture.remove() }
        for isLocked in [true, false] {
            let (host, refusal) = try host(fixture, isLocked: isLocked)
            #expect(refusal == nil)
            let open = try sessions(host, ["acme", "zenith", "acme"])
            let module = try #require(host.isolatedModules.first)
            #expect(module.busyProcesses.count == 1)
            #expect(module.processes.count == 1, "and none in reserve")
            end(open, host)
        }
    }

    @Test func `the operator may keep it in the server's process, or have a helper for each session`() throws {
        let fixture = try FixturePlugin("global", macros: Self.global)
        defer { fixture.remove() }
        #expect(try host(fixture, .never).0.isolatedModules.isEmpty)
        let (apart, _) = try host(fixture, .untrusted, .session)
        let open = try sessions(apart, ["acme", "zenith"])
        #expect(apart.isolatedModules.first?.busyProcesses.count == 2)
        end(open, apart)
    }

    @Test func `its only helper is started again when it has died`() throws {
        let fixture = try FixturePlugin("global", macros: Self.global)
        defer { fixture.remove() }
        let (host, _) = try host(fixture)
        let victims = try sessions(host, ["acme"])
        let module = try #require(host.isolatedModules.first)
        for process in module.processes { module.kill(process) }
        while !victims.allSatisfy(\.isLost) {}
        let provider = try host.provider(.agent, ProviderReference("fixture"), configuration: [:], tenant: "acme")
        try provider.makeRoom()
        let next = try sessions(host, ["acme"])
        #expect(next.allSatisfy { !$0.isLost } && module.deaths == 1)
        end(victims + next, host)
    }

    @Test func `any other trusted plugin stays in the server's process`() throws {
        let fixture = try FixturePlugin("global")
        defer { fixture.remove() }
        let (host, refusal) = try host(fixture)
        #expect(refusal == nil && host.isolatedModules.isEmpty)
    }

    @Test func `sockets of its own has only a plugin that is trusted`() throws {
        let manifest = FixturePlugin.manifest().replacing(#"{"run":true}"#, with: #"{"run":true,"sockets":true}"#)
        let fixture = try FixturePlugin("global", manifest: manifest)
        defer { fixture.remove() }
        #expect(try host(fixture, isLocked: false).refusal?.code == "plugin.isolation.sockets")
        #expect(try host(fixture, isLocked: false, .never).refusal == nil)
        let (host, refusal) = try host(fixture, .always)
        #expect(refusal == nil)
        let open = try sessions(host, ["acme"])
        let layers = try #require(host.isolatedModules.first).confinement
        #expect(layers.contains("seccomp") && !layers.contains("network"))
        end(open, host)
    }
}
