// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A vendor's service as it looks from outside, on this machine: what it hears, thinks and says is scripted.
///
/// One value serves all connections; what belongs to one connection lives in its ``SimulatedSession``. Everything of one
/// connection runs on one event loop, so sessions need no locks. The kit checks the key, applies the faults and keeps the
/// log; a simulator only speaks the vendor's protocol and names its points.
package protocol Simulator: Sendable {
    /// The word of `syrinx simulate`.
    static var name: String { get }

    /// One line for `syrinx simulate list`.
    static var summary: String { get }

    /// The names it gives to ``SimulatedWire/point(_:)`` and to the `at` of what it sends; faults are held against them.
    static var points: [String] { get }

    var settings: SimulatorSettings { get }

    init(_ settings: SimulatorSettings)

    /// Whether the request carries this key; asked only where a key is demanded.
    func accepts(key: String, _ request: SimulatedRequest) -> Bool

    /// Whether ``route(_:)`` is asked at the head already, and the body comes to ``SimulatedStream/onBody``.
    func streamsBody(_ request: SimulatedRequest) -> Bool

    /// The answer to a request, on the connection's event loop.
    func route(_ request: SimulatedRequest) -> SimulatedResponse

    /// A refusal in the vendor's shape. The kit adds `retry-after`.
    func refuse(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> SimulatedResponse

    /// An error in the middle of a stream or socket, in the vendor's shape; nil = this vendor has none there.
    func errorMessage(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> JSONValue?

    /// The part of a configuration that makes Syrinx use this simulator.
    func configuration(_ address: SimulatorAddress) -> String
}

extension Simulator {
    package func accepts(key: String, _ request: SimulatedRequest) -> Bool { request.bearer == key }

    package func streamsBody(_ request: SimulatedRequest) -> Bool { false }

    package func errorMessage(_ failure: SimulatedFailure, _ request: SimulatedRequest) -> JSONValue? { nil }
}

/// What the simulators of one server share.
package struct SimulatorSettings: Sendable {
    /// The key that is demanded; nil = any or none.
    package var key: String?
    /// What the simulated caller says, one line an utterance.
    package var lines: SimulatedLines
    /// How much later everything comes.
    package var latencyMilliseconds: Int
    package var faults: FaultPlan
    /// What the simulated model answers.
    package var mind: SimulatedMind
    package var voice: SimulatedVoice
    /// How long a speech-to-speech session may last; nil = as long as the vendor's.
    package var sessionSeconds: Int?

    package init(
        key: String? = nil, lines: SimulatedLines = SimulatedLines(), latencyMilliseconds: Int = 0,
        faults: FaultPlan = FaultPlan(), mind: SimulatedMind = SimulatedMind(),
        voice: SimulatedVoice = SimulatedVoice(),
        sessionSeconds: Int? = nil
    ) {
        self.key = key
        self.lines = lines
        self.latencyMilliseconds = latencyMilliseconds
        self.faults = faults
        self.mind = mind
        self.voice = voice
        self.sessionSeconds = sessionSeconds
    }
}

/// Why a request is refused, or a stream broken off, before it has the vendor's shape.
package struct SimulatedFailure: Hashable, Sendable {
    /// HTTP status.
    package var status: Int
    /// The vendor's word; empty = the one that suits the status.
    package var code: String
    package var message: String
    package var retryAfterSeconds: Int?

    package init(status: Int, code: String = "", message: String = "", retryAfterSeconds: Int? = nil) {
        self.status = status
        self.code = code
        self.message = message.isEmpty ? "this error was asked for (\(code.isEmpty ? "\(status)" : code))" : message
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// Where a simulator listens.
package struct SimulatorAddress: Hashable, Sendable {
    package var host: String
    package var port: Int
    package var isSecure: Bool

    package init(host: String, port: Int, isSecure: Bool = false) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }

    /// The origin, without a slash at its end.
    package var http: String { "\(isSecure ? "https" : "http")://\(authority)" }

    package var ws: String { "\(isSecure ? "wss" : "ws")://\(authority)" }

    private var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
