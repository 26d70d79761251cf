// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// How a simulator answers a request.
package enum SimulatedResponse {
    case whole(status: Int, headers: [(String, String)], body: [UInt8])

    /// The head goes out at once; the closure sends the body in its time.
    case stream(status: Int, headers: [(String, String)], (SimulatedStream) -> Void)

    /// Takes an upgrade. A subprotocol is chosen by its header.
    case socket(headers: [(String, String)], (SimulatedSocket) -> any SimulatedSession)

    package static func json(
        _ value: JSONValue, status: Int = 200, headers: [(String, String)] = []
    ) -> SimulatedResponse {
        .whole(
            status: status, headers: [("content-type", "application/json")] + headers, body: Array(value.text.utf8))
    }

    /// With one more header.
    func adding(_ name: String, _ value: String) -> SimulatedResponse {
        switch self {
        case .whole(let status, let headers, let body):
            .whole(status: status, headers: headers + [(name, value)], body: body)
        case .stream(let status, let headers, let body):
            .stream(status: status, headers: headers + [(name, value)], body)
        case .socket(let headers, let session): .socket(headers: headers + [(name, value)], session)
        }
    }
}

/// One WebSocket of a simulator: a plain class on the connection's event loop.
package protocol SimulatedSession: AnyObject {
    /// The upgrade is done; the first message may go out.
    func opened()

    func received(text: String)

    func received(binary: [UInt8])

    /// Nothing comes and goes any more; timers are cancelled.
    func closed()
}

extension SimulatedSession {
    package func opened() {}

    package func received(text: String) {}

    package func received(binary: [UInt8]) {}

    package func closed() {}
}
