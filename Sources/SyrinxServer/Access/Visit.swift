// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAccess

/// How a request came, and what it says of who it is from. Nothing of it is trusted.
struct Visit: Sendable {
    /// All `Authorization` headers.
    var authorization: [String]
    /// All query parameters `token`.
    var tokens: [String] = []
    var host: String?
    /// The page that a browser is on.
    var origin: String?
    /// The first part of the path `/acme/v1/talk`.
    var pathTenant: String?
    /// Nil of a Unix socket.
    var peer: PeerAddress?

    func credentials(listenerIsLoopback: Bool) -> Credentials {
        Credentials(
            authorization: authorization, queryTokens: tokens, host: host, pathTenant: pathTenant,
            listenerIsLoopback: listenerIsLoopback, peerIsLoopback: peer?.isLoopback ?? true)
    }
}
