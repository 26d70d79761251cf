// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import SyrinxTestKit
import Testing

/// What a manifest does not ask for is denied, wherever the plugin runs.
@Suite("Permissions") struct PermissionTests {
    @Test(arguments: [PluginLoading.Isolation.never, .always])
    func `blocking work is refused unless the manifest asks for it`(isolation: PluginLoading.Isolation) throws {
        let fixture = try FixturePlugin("unpermitted", manifest: FixturePlugin.manifest(mayRun: false))
        defer { fixture.remove() }
        let environment = FakeHostEnvironment()
        let executor = FakeExecutor()
        let host = PluginHost(
            environment: environment,
            loading: PluginLoading(isolation: isolation, settings: IsolationSettings(keepsSpare: false).patient))
        try host.load(folder: fixture.plugins)
        let provider = try host.provider(.agent, ProviderReference("fixture"), configuration: [:])
        let parameters = StageParameters(session: "s", inputRate: 16_000, outputRate: 16_000)
        let session = try provider.openSession(parameters, executor: executor) { event in
            if case .delta(let text) = event.kind { Issue.record("it worked: \(text)") }
        }
        session.send(.prompt(text: "work", json: "{}"), generation: 1)
        for module in host.isolatedModules { #expect(module.settle(at: environment.now())) }
        #expect(!environment.runOneWork())
        executor.run()
        session.close {}
        executor.run()
        #expect(host.close())
    }
}
