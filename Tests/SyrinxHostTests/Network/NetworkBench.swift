// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import SyrinxHost
import SyrinxTestKit

/// A plugin that uses the network, in this process or in a helper, and a network that does what the test says.
final class NetworkBench: Sendable {
    let network = ScriptedNetwork()
    let environment: FakeHostEnvironment
    private let executor = FakeExecutor()
    private let fixture: FixturePlugin
    private let host: PluginHost
    let session: StageSession
    private let heard = Heard()

    init(
        _ isolation: PluginLoading.Isolation, net: [String] = ["https://api.example.com"],
        trace: (any SessionTrace)? = nil, key: String = "canary-1"
    ) throws {
        environment = FakeHostEnvironment(network: network)
        let names = net.map { #""\#($0)""# }.joined(separator: ",")
        let manifest = """
            {"id":"network","version":"1.0.0","abi":"1.1","entry":"plugin.so",
             "provides":[{"kind":"agent","id":"network"}],"permissions":{"net":[\(names)]}}
            """
        fixture = try FixturePlugin("network", manifest: manifest, source: "network")
        host = PluginHost(
            environment: environment,
            loading: PluginLoading(isolation: isolation, settings: IsolationSettings(keepsSpare: false).patient))
        try host.load(folder: fixture.plugins)
        let provider = try host.provider(.agent, ProviderReference("network"), configuration: ["api_key": .string(key)])
        let heard = heard
        var parameters = StageParameters(session: "s", inputRate: 16_000, outputRate: 16_000)
        parameters.trace = trace
        session = try provider.openSession(parameters, executor: executor) { heard.add($0) }
    }

    /// What the plugin has told so far.
    var told: [String] {
        settle()
        return heard.texts
    }

    func ask(_ text: String, generation: UInt64 = 1) {
        session.send(.prompt(text: text, json: "{}"), generation: generation)
        settle()
    }

    /// The last request or socket that the plugin began.
    var exchange: ScriptedNetwork.Exchange? {
        settle()
        return network.exchanges.last
    }

    func answer(_ events: NetworkEvent...) {
        let exchange = exchange
        for event in events { exchange?.answer(event) }
        settle()
    }

    /// Of the host's clock; the plugin gets no time for anything.
    func pass(_ time: Duration) { executor.advance(by: time) }

    func settle() {
        for _ in 0..<4 {
            executor.run()
            for module in host.isolatedModules { _ = module.settle(at: environment.now()) }
            executor.advance(by: .milliseconds(5))
        }
    }

    func end() {
        session.close {}
        settle()
        _ = host.close()
        fixture.remove()
    }

    private final class Heard: Sendable {
        private let state = Mutex<[String]>([])

        var texts: [String] { state.withLock(\.self) }

        func add(_ event: StageEvent) {
            if case .delta(let text) = event.kind { state.withLock { $0.append(text) } }
        }
    }
}
