// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxSimulators

/// A vendor of the tests. `/count` counts on a socket: three messages and a goodbye, echo included. `/lines` streams three
/// lines, `/events` three events; `/echo` answers the body.
struct CountingSimulator: Simulator {
    static let name = "counting"
    static let summary = "counts to three"
    static let points = ["count", "echo", "done"]

    let settings: SimulatorSettings

    init(_ settings: SimulatorSettings) { self.settings = settings }

    init(faults: String = "", key: String? = nil, latency: Int = 0) throws {
        self.init(SimulatorSettings(key: key, latencyMilliseconds: latency, faults: try FaultPlan(faults)))
    }

    func route(_ request: SimulatedRequest) -> SimulatedResponse {
        switch request.path {
        case "/count": .socket(headers: [("x-vendor", "counting")]) { CountingSession($0) }
        case "/echo": .json(["echo": request.json ?? nil])
        case "/lines":
            .stream(status: 200, headers: [("content-type", "text/plain")]) { stream in
                stream.play(3, every: 0) {
                    stream.send(["count": .int(Int64($0 + 1))], at: "count") { $0 + [10] }
                } end: {
                    stream.finish()
                }
            }
        case "/events":
            .stream(status: 200, headers: [("content-type", "text/event-stream")]) { stream in
                stream.play(3, every: 0) {
                    stream.event(["count": .int(Int64($0 + 1))], name: "n", at: "count")
                } end: {
                    stream.finish()
                }
            }
        default: refuse(SimulatedFailure(status: 404, code: "nothing", message: "nothing here"), request)
        }
    }

    func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse {
        .json(["code": .string(failure.code), "message": .string(failure.message)], status: failure.status)
    }

    func errorMessage(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> JSONValue? {
        ["error": .string(failure.code)]
    }

    func configuration(_ address: SimulatorAddress) -> String { "url: \(address.ws)" }
}

/// A goodbye is answered when the count is over.
private final class CountingSession: SimulatedSession {
    private let socket: SimulatedSocket
    private var hasCounted = false
    private var isLeaving = false

    init(_ socket: SimulatedSocket) { self.socket = socket }

    func opened() {
        socket.play(3, every: 0) {
            self.socket.send(["count": .int(Int64($0 + 1))], at: "count")
        } end: {
            self.hasCounted = true
            self.leave()
        }
    }

    func received(text: String) {
        guard text == "bye" else { return socket.send(text: text, at: "echo") }
        isLeaving = true
        leave()
    }

    private func leave() { if hasCounted, isLeaving { socket.close(1000, "bye") } }
}
