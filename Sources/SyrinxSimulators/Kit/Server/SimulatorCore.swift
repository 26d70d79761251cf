// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What all connections of a server share.
final class SimulatorCore: Sendable {
    let simulator: any Simulator
    let settings: SimulatorSettings
    let log: SimulatorLog
    private let counters: FaultCounters
    private let count = Atomic<Int>(0)

    init(_ simulator: any Simulator, log: SimulatorLog) {
        self.simulator = simulator
        self.log = log
        settings = simulator.settings
        counters = FaultCounters(simulator.settings.faults)
    }

    func nextConnection() -> Int { count.add(1, ordering: .relaxed).newValue }

    /// How a request is met: the faults of `connect` first, then the key, then the simulator.
    func decide(_ request: SimulatedRequest) -> WireOpening {
        log.add(request)
        var opening = WireOpening(
            core: self, request: request, gate: FaultGate(settings.faults, counters, path: request.path))
        for action in opening.gate.before("connect", isMessage: false) + opening.gate.after("connect") {
            opening.take(action)
        }
        if opening.fate == nil, opening.response == nil { opening.response = answer(to: request) }
        return opening
    }

    private func answer(to request: SimulatedRequest) -> SimulatedResponse {
        if let key = settings.key, !simulator.accepts(key: key, request) {
            return refusal(SimulatedFailure(status: 401, message: "the key is missing or wrong"), request)
        }
        let response = simulator.route(request)
        guard case .socket = response, !request.isUpgrade || request.isHTTP2 else { return response }
        return refusal(SimulatedFailure(status: 426, message: "here is a WebSocket; upgrade by HTTP/1.1"), request)
    }

    func refusal(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        let response = simulator.refuse(failure, request)
        return failure.retryAfterSeconds.map { response.adding("retry-after", "\($0)") } ?? response
    }
}

/// A request that has been looked at, and how it goes on.
struct WireOpening {
    enum Fate { case cut, reset, silence }

    let core: SimulatorCore
    let request: SimulatedRequest
    var gate: FaultGate
    var response: SimulatedResponse?
    /// Instead of a response.
    var fate: Fate?
    var delay = 0
    /// For the open wire.
    var actions: [FaultPlan.Action] = []

    /// An action at `connect`. What belongs to the open wire is done, and logged, there.
    fileprivate mutating func take(_ action: FaultPlan.Action) {
        if isForWire(action) { return actions.append(action) }
        core.log.add(.init(connection: request.connection, kind: .fault, text: "\(action)"))
        switch action {
        case .refuse(let failure): response = core.refusal(failure, request)
        case .latency(let milliseconds): delay += milliseconds
        case .reset: fate = .reset
        case .cut, .close: fate = .cut
        case .silence: fate = .silence
        // A plain request has nothing yet to break off.
        case .error(let failure): response = core.refusal(failure, request)
        case .drip, .drop, .malformed, .truncate: break
        }
    }

    private func isForWire(_ action: FaultPlan.Action) -> Bool {
        switch action {
        case .drip: true
        case .close, .error, .silence: request.isUpgrade
        default: false
        }
    }
}
