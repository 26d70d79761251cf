// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import SyrinxCore

/// Runs the requests and sockets of plugins on SwiftNIO: HTTP/1.1, HTTP/2 and WebSockets, plain and over TLS.
///
/// Where a request may go is judged before its name is looked up, and again by the address that is connected to. No
/// redirect is followed. Connections are kept and shared among requests to the same place under the same rules.
/// Thread-safe. Must be shut down before its event loops are.
package final class NetClient: NetworkClient {
    private let group: any EventLoopGroup
    private let environment: Environment

    /// - Parameters:
    ///   - group: the event loops to run on; belongs to the caller.
    ///   - trustedRoots: path of a PEM file with the authorities to trust; nil = the system's.
    /// - Throws: kind `tls` when that file cannot be read.
    package init(
        group: any EventLoopGroup, trustedRoots: String? = nil, settings: NetSettings = NetSettings()
    ) throws(NetworkFailure) {
        self.group = group
        environment = Environment(settings, try TLSContexts(trustedRoots: trustedRoots))
    }

    deinit { environment.close() }

    package func start(
        _ request: NetworkRequest, deliver: @escaping @Sendable (NetworkEvent) -> Void
    ) -> any NetworkExchange {
        begin(request, isSocket: false, deliver)
    }

    package func open(
        _ request: NetworkRequest, deliver: @escaping @Sendable (NetworkEvent) -> Void
    ) -> any NetworkExchange {
        begin(request, isSocket: true, deliver)
    }

    package func prewarm(_ request: NetworkRequest) {
        let target = Target(request.url, request.rules)
        let versions = versions(request, isSocket: request.url.scheme.isWebSocket)
        guard !environment.isClosed, request.rules.allow(request.url), !environment.pool.isWarm(target, versions)
        else { return }
        let connection = environment.connector.connect(
            to: target, versions, within: request.connectTimeout, on: group.next())
        environment.pool.warm(target, versions, connection)
    }

    /// Ends every exchange with the failure `aborted`, closes all connections and takes no more requests.
    package func shutdown() { environment.close() }

    private func begin(
        _ request: NetworkRequest, isSocket: Bool, _ deliver: @escaping @Sendable (NetworkEvent) -> Void
    ) -> any NetworkExchange {
        // The rules come first: a request that may not be made takes nothing from the pool.
        let isAllowed = request.rules.allow(request.url) && !environment.isClosed
        let versions = versions(request, isSocket: isSocket)
        let target = Target(request.url, request.rules)
        let found = isAllowed ? environment.pool.take(target, versions, on: group.next()) : nil
        let loop =
            switch found {
            case .http1(let connection): connection.channel.eventLoop
            case .http2(let connection): connection.channel.eventLoop
            case .coming(let loop, _), .leading(let loop, _): loop
            case nil: group.next()
            }
        let exchange = Exchange(loop: loop)
        exchange.start(request, isSocket: isSocket, in: environment, with: found, deliver: deliver)
        return exchange
    }

    private func versions(_ request: NetworkRequest, isSocket: Bool) -> HTTPVersions {
        isSocket ? .http1 : request.requiresHTTP2 ? .http2 : .any
    }
}
