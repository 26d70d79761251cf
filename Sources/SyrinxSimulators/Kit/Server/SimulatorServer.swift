// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization
package import SyrinxCore

/// A simulator that listens on this machine.
///
///     let server = try await SimulatorServer.start(OpenAISimulator(SimulatorSettings()))
///     … server.address.http …
///     await server.stop()
package final class SimulatorServer: Sendable {
    /// Certificate chain and key, PEM files.
    package struct TLS: Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    package let address: SimulatorAddress
    package let log: SimulatorLog
    private let listener: any Channel
    private let connections: Connections

    private init(_ address: SimulatorAddress, _ log: SimulatorLog, _ listener: any Channel, _ connections: Connections)
    {
        self.address = address
        self.log = log
        self.listener = listener
        self.connections = connections
    }

    /// Port 0 = any free one.
    ///
    /// - Throws: `simulator.invalid_fault` for a point that the simulator does not have, `simulator.cannot_listen`,
    ///   `simulator.invalid_certificate`.
    package static func start(
        _ simulator: any Simulator, host: String = "127.0.0.1", port: Int = 0, tls: TLS? = nil,
        log: SimulatorLog = SimulatorLog()
    ) async throws(SyrinxError) -> SimulatorServer {
        try simulator.settings.faults.check(points: type(of: simulator).points)
        let core = SimulatorCore(simulator, log: log)
        let pipeline = SimulatorPipeline(core: core, tls: try tls.map(context))
        let connections = Connections()
        do {
            let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    connections.add(channel)
                    return pipeline.configure(channel)
                }
                .bind(host: host, port: port).get()
            let address = SimulatorAddress(host: host, port: listener.localAddress?.port ?? port, isSecure: tls != nil)
            return SimulatorServer(address, log, listener, connections)
        } catch {
            throw SyrinxError(
                "simulator.cannot_listen", "\(host):\(port) cannot be listened on: \(error)",
                fix: "choose another --port")
        }
    }

    /// Closes all connections, too.
    package func stop() async {
        try? await listener.close()
        await connections.closeAll()
    }

    private static func context(_ files: TLS) throws(SyrinxError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificate).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(key))
            configuration.applicationProtocols = ["h2", "http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SyrinxError(
                "simulator.invalid_certificate", "the certificate or its key cannot be used: \(error)",
                fix: "give two PEM files that belong together")
        }
    }
}

/// The connections that live.
private final class Connections: Sendable {
    private struct State {
        var live: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isLate = state.withLock { state in
            state.live[id] = channel
            return state.isClosed
        }
        channel.closeFuture.whenComplete { [self] _ in state.withLock { $0.live[id] = nil } }
        // It was accepted before the listener closed.
        if isLate { channel.close(promise: nil) }
    }

    func closeAll() async {
        let live = state.withLock { state in
            state.isClosed = true
            return Array(state.live.values)
        }
        for channel in live { try? await channel.close() }
    }
}
