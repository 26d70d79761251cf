// SPDX-License-Identifier: Apache-2.0

import SyrinxAccess
import SyrinxCore
import SyrinxHost
import SyrinxRuntime
import SyrinxServer
import SyrinxSimulators

/// A server on which each fault has a tenant of its own, so that no breaker knows of another fault, and a vendor that
/// has it.
final class VendorBench: Sendable {
    private struct Place: Sendable {
        let fault: VendorFault
        let tenant: String
        let key: APIKey
        let simulator: SimulatorServer
        let address: SimulatorAddress
    }

    /// How a turn ended, as its client and the server's log saw it.
    struct Outcome: Sendable, CustomStringConvertible {
        /// `answered`, or the code of the failure.
        var code: String
        /// Session time since the turn began.
        var milliseconds: Double
        /// What the client got.
        var types: [String]
        /// Codes in the log.
        var told: Set<String> = []
        /// The provider is not asked for a while.
        var isLeftAlone = false

        var description: String { "\(code) after \(milliseconds) ms; log: \(told.sorted()); client: \(types)" }
    }

    /// Calls at the same time: a simulator and a plugin without optimisation are slow.
    private static let width = 8

    private let vendor: Vendor
    private let places: [Place]
    private let server: TestServer
    private let log = FailureLog()

    init(_ vendor: Vendor, _ faults: [VendorFault]) async throws {
        self.vendor = vendor
        let certificates = try await Blocking.run { try ServerCertificates.shared.get() }
        var places: [Place] = []
        for (index, fault) in faults.enumerated() {
            let isExpired = if case .expiredCertificate = fault.place { true } else { false }
            let plan = if case .plan(let plan) = fault.place { plan } else { "" }
            let tls = isExpired ? certificates.expired : vendor.needsTLS ? certificates.good : nil
            let simulator = try await SimulatorServer.start(vendor.simulator(plan), tls: tls)
            if case .refused = fault.place { await simulator.stop() }
            places.append(
                Place(
                    fault: fault, tenant: "fault-\(index)", key: APIKey.generate(), simulator: simulator,
                    address: simulator.address))
        }
        self.places = places
        server = try await TestServer.start { [places, log] options in
            options.logger = log.logger
            options.network.addresses.allowed = ["127.0.0.1"].compactMap(AddressRange.init)
            options.network.trustedRoots = certificates.roots
            options.policy.profiles = places.map { vendor.profile($0.tenant, at: $0.address) }
            options.policy.access = try AccessControl(AccessPolicy(tenants: places.map(Self.tenant), operators: []))
        }
    }

    private static func tenant(_ place: Place) -> AccessPolicy.Tenant {
        let key = AccessPolicy.Key(name: "talk", hash: place.key.hash.description, scopes: ["talk"], expires: nil)
        return AccessPolicy.Tenant(id: place.tenant, keys: [key])
    }

    func stop() async {
        await server.stop()
        for place in places { await place.simulator.stop() }
    }

    /// One turn with each of the faults.
    func outcomes() async throws -> [(VendorFault, Outcome)] {
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes: [Int: Outcome] = [:]
            for index in places.indices {
                if index >= Self.width, let (index, outcome) = try await group.next() { outcomes[index] = outcome }
                group.addTask { [self] in (index, try await outcome(places[index])) }
            }
            for try await (index, outcome) in group { outcomes[index] = outcome }
            return places.indices.compactMap { index in outcomes[index].map { (places[index].fault, $0) } }
        }
    }

    private func outcome(_ place: Place) async throws -> Outcome {
        let caller = try await Caller(
            port: server.port, "profile=\(place.tenant)", fields: TwoTenants.bearer(place.key))
        if vendor.kind == .stt {
            await caller.say(Sound.speech(milliseconds: 800) + Sound.silence(milliseconds: 1500))
        } else {
            await caller.send(["type": "text", "text": "say hello to the world"])
        }
        var outcome = await wait(for: caller)
        // The server has closed it by then where a model is lost for good.
        _ = try? await caller.hangUp()
        try await waitForLog(of: caller, place.fault)
        outcome.told = log.codes(of: await caller.session)
        let breakers = server.manager.breakers.notClosed(at: server.manager.host.environment.now())
        outcome.isLeftAlone = breakers.contains { $0.key.tenant == place.tenant }
        return outcome
    }

    private func wait(for caller: Caller) async -> Outcome {
        var began: Double?
        var outcome = Outcome(code: "nothing", milliseconds: .infinity, types: [])
        var warning: String?
        while outcome.code == "nothing", let message = try? await caller.next() {
            guard case .event(let event) = message, let type = event["type"]?.string else { continue }
            let code = Self.code(of: event)
            switch type {
            case "turn.committed", "user.speech_stopped": began = began ?? event["at_ms"]?.double
            case "turn.ended": outcome.code = event["failure"]?.string ?? event["outcome"]?.string ?? "?"
            case "session.closed": outcome.code = warning ?? "closed"
            // Without a transcript there is no turn: this is all that the client is told.
            case "warning" where vendor.kind == .stt: outcome.code = code ?? "?"
            case "warning": warning = code
            default: break
            }
            if outcome.code != "nothing" { outcome.milliseconds = (event["at_ms"]?.double ?? .infinity) - (began ?? 0) }
        }
        outcome.types = await caller.types(without: "agent.state")
        return outcome
    }

    /// That a model is lost is told with the class of its last failure: `s2s: NAME is lost (CLASS), …`.
    private static func code(of event: JSONValue) -> String? {
        guard let code = event["code"]?.string, code == "provider.lost" else { return event["code"]?.string }
        return event["message"]?.string?.split(separator: "(").dropFirst().first?.split(separator: ")").first
            .map(String.init) ?? code
    }

    /// The log is written a moment later, by a thread of its own.
    private func waitForLog(of caller: Caller, _ fault: VendorFault) async throws {
        let wanted = Set(fault.classes.map { "provider.\($0)" })
        let deadline = ContinuousClock.now + .seconds(20)
        while !fault.isHarmless, !wanted.isEmpty, log.codes(of: await caller.session).isDisjoint(with: wanted),
            ContinuousClock.now < deadline
        {
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
