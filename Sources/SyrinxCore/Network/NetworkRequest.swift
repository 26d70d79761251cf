// SPDX-License-Identifier: Apache-2.0

/// What a plugin asks of the network: an HTTP request, or the upgrade to a WebSocket.
///
/// Secrets stand in `headers` already; nothing logs a value of them.
package struct NetworkRequest: Sendable {
    package var method: String
    package var url: NetworkURL
    /// In order; a name may come twice. Names and values hold no control characters.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// More of the body comes by ``NetworkExchange/send(_:isLast:)``.
    package var streamsBody = false
    package var requiresHTTP2 = false
    /// Name look-up, connection, TLS and upgrade together.
    package var connectTimeout = Duration.seconds(5)
    /// No byte from the other side for so long ends it; nil = never.
    package var silenceTimeout: Duration?
    /// Where it may go.
    package var rules: EgressRules
    /// Told how long it waited for its connection, and whether that was there already. On a thread of the client.
    package var onConnection: (@Sendable (_ wait: Duration, _ isKept: Bool) -> Void)?

    package init(
        method: String = "GET", url: NetworkURL, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        rules: EgressRules
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.rules = rules
    }
}

/// What comes back. `finished` comes exactly once and last.
package enum NetworkEvent: Sendable {
    /// HTTP: status and headers with lower-case names.
    case head(status: Int, headers: [(name: String, value: String)])
    /// HTTP: a piece of the body, at most ``NetworkLimits/piece`` bytes.
    case data([UInt8])
    /// WebSocket: the upgrade succeeded.
    case opened(subprotocol: String, headers: [(name: String, value: String)])
    /// WebSocket: a piece of a message, at most ``NetworkLimits/piece`` bytes.
    case message([UInt8], isText: Bool, isLast: Bool)
    /// `send` takes more, after it said no.
    case writable
    case finished(NetworkEnd)
}

/// How an exchange ended.
package struct NetworkEnd: Sendable {
    /// Nil = complete: the response's end, or a clean close of the socket by either side.
    package var failure: NetworkFailure?
    /// WebSocket: the close code that the other side sent.
    package var closeCode: Int?
    package var reason = ""
    /// Of a refused upgrade: status, headers and the beginning of its body (at most 4 KiB).
    package var status: Int?
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8] = []

    package init(failure: NetworkFailure? = nil) { self.failure = failure }
}

/// Why an exchange failed, by class: what to do about it differs by these.
package struct NetworkFailure: Error, Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// The operator's rules do not let it go there.
        case refusedByRules = "refused_by_rules"
        /// Name look-up failed.
        case noSuchHost = "no_such_host"
        /// Refused, reset, unreachable, closed too early.
        case connection
        /// The certificate was refused, or TLS could not be agreed upon.
        case tls
        /// The other side broke HTTP's or WebSocket's rules, or a limit.
        case protocolBroken = "protocol"
        /// The upgrade to a WebSocket was answered with something else.
        case upgradeRefused = "upgrade_refused"
        case timeout
        /// Aborted by this side.
        case aborted
    }

    package var kind: Kind
    /// One sentence; names the host, never a header's value.
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

/// Sizes that both sides of the plugin ABI know (`SYX_IO_PIECE`, `SYX_IO_WINDOW`), in bytes.
package enum NetworkLimits {
    package static let piece = 16_384
    package static let window = 262_144
    package static let url = 8192
    package static let headers = 16_384
    /// One WebSocket message from the other side.
    package static let message = 16 << 20
}
