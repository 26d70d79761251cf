// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import SyrinxCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Makes connections: looks the name up, judges every address, connects to one that is allowed, speaks TLS.
final class Connector: Sendable {
    /// A receive buffer of its own size bounds what is held when the other side floods and nobody reads.
    private static let receiveBuffer = 262_144
    /// Seconds of silence on an idle connection until the kernel asks whether the other side is there.
    private static let keepAliveIdle = 20

    private let resolver: Resolver
    private let contexts: TLSContexts
    private let settings: NetSettings

    init(_ resolver: Resolver, _ contexts: TLSContexts, _ settings: NetSettings) {
        self.resolver = resolver
        self.contexts = contexts
        self.settings = settings
    }

    /// A new connection on this loop; fails with a `NetworkFailure`.
    func connect(
        to target: Target, _ versions: HTTPVersions, within timeout: Duration, on loop: any EventLoop
    ) -> EventLoopFuture<Connection> {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        return resolver.addresses(of: target.host, on: loop)
            .flatMapThrowing { try Self.judge($0, target) }
            .flatMap { self.dial($0, target, versions, until: deadline, on: loop) }
            .flatMap { self.greet($0, target, versions, until: deadline) }
            .flatMapErrorThrowing { throw NetworkFailure($0, host: target.host) }
    }

    /// Only what the rules allow is left: a name may resolve to anything.
    private static func judge(_ addresses: [[UInt8]], _ target: Target) throws(NetworkFailure) -> [SocketAddress] {
        let allowed = addresses.filter { target.addresses.allow($0) }.compactMap {
            try? SocketAddress(packedIPAddress: ByteBuffer(bytes: $0), port: target.port)
        }
        guard allowed.isEmpty else { return allowed }
        guard let first = addresses.first else {
            throw NetworkFailure(.noSuchHost, "the name \(target.host) has no address")
        }
        let text = (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: first), port: 0))?.ipAddress ?? "unknown"
        throw NetworkFailure(
            .refusedByRules, "\(target.host) is at an address that plugins may not reach: \(text)")
    }

    private func dial(
        _ addresses: [SocketAddress], _ target: Target, _ versions: HTTPVersions, until deadline: NIODeadline,
        on loop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let left = deadline - .now()
        guard left > .zero else {
            return loop.makeFailedFuture(NetworkFailure(.timeout, "the look-up of \(target.host) took too long"))
        }
        return ClientBootstrap(group: loop)
            .resolver(GivenAddresses(addresses, loop: loop))
            .connectTimeout(left)
            .channelOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
            .channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: .init(Self.receiveBuffer))
            .channelOption(Self.tcp(TCP_KEEPIDLE), value: .init(Self.keepAliveIdle))
            .channelOption(Self.tcp(TCP_KEEPINTVL), value: 5)
            .channelOption(Self.tcp(TCP_KEEPCNT), value: 4)
            .channelOption(ChannelOptions.maxMessagesPerRead, value: 2)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.secure(channel, target, versions) }
            }
            .connect(host: target.host, port: target.port)
    }

    private static func tcp(_ option: some BinaryInteger) -> ChannelOptions.Types.SocketOption {
        ChannelOptions.tcpOption(.init(rawValue: .init(option)))
    }

    private func secure(_ channel: any Channel, _ target: Target, _ versions: HTTPVersions) throws {
        guard target.isSecure else { return }
        // An address has no name to send (RFC 6066, 3): the certificate must be for the address then.
        let name = IPAddress.parse(target.host) == nil ? target.host : nil
        let rootless = name.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        let operations = channel.pipeline.syncOperations
        try operations.addHandler(NIOSSLClientHandler(context: contexts.context(versions), serverHostname: rootless))
        try operations.addHandler(TLSGate(channel.eventLoop.makePromise(of: String?.self)))
    }

    /// The TLS handshake, then the handlers of the version of HTTP that it chose. On the channel's loop.
    private func greet(
        _ channel: any Channel, _ target: Target, _ versions: HTTPVersions, until deadline: NIODeadline
    ) -> EventLoopFuture<Connection> {
        let settings = settings
        guard target.isSecure else {
            return channel.eventLoop.makeCompletedFuture {
                .http1(try HTTP1Connection(channel, target, settings))
            }
        }
        let timer = channel.eventLoop.scheduleTask(deadline: deadline) { channel.close(promise: nil) }
        let handshake = channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.handler(type: TLSGate.self).handshake
        }
        return handshake.flatMap { $0 }.flatMapThrowing { name in
            timer.cancel()
            if name == "h2" { return .http2(try HTTP2Connection(channel, target, settings)) }
            guard versions != .http2 else {
                throw NetworkFailure(.protocolBroken, "\(target.host) does not speak HTTP/2, which is required")
            }
            return .http1(try HTTP1Connection(channel, target, settings))
        }.flatMapErrorThrowing { error in
            timer.cancel()
            channel.close(promise: nil)
            throw error
        }
    }
}
