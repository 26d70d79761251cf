// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

/// Gives NIO's connector (RFC 8305, happy eyeballs) addresses that were looked up and judged already: it connects to
/// exactly these.
struct GivenAddresses: NIOPosix.Resolver, Sendable {
    private let four: [SocketAddress]
    private let six: [SocketAddress]
    private let loop: any EventLoop

    init(_ addresses: [SocketAddress], loop: any EventLoop) {
        four = addresses.filter { $0.protocol == .inet }
        six = addresses.filter { $0.protocol == .inet6 }
        self.loop = loop
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { loop.makeSucceededFuture(four) }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        loop.makeSucceededFuture(six)
    }

    func cancelQueries() {}
}
