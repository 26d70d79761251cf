// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
public import SyrinxPlugin

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The transport `webrtc`: one UDP socket, a few threads and one certificate for all calls.
public final class WebRTCProvider: Provider {
    /// A certificate is used for new calls for so long, in ns.
    private static let renewal: Int64 = 86_400_000_000_000
    /// Threads for the calls, unless told.
    private static var workers: Int { min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1), 4) }
    private static let rates: Set<UInt32> = [8_000, 16_000, 24_000, 48_000]

    private struct Identity {
        var current: DTLSIdentity
        var madeAt: Int64
    }

    private let config: WebRTCConfig
    private let host: Host
    private let hub: Hub
    private let candidates: [SocketAddress]
    private let identity: Mutex<Identity>

    /// Binds the socket and makes the certificate.
    public init(config: WebRTCConfig, host: Host) throws(PluginError) {
        let text = config.listen ?? "127.0.0.1"
        guard let address = SocketAddress(text, port: UInt16(clamping: config.port ?? 0)) else {
            throw .invalid("config: 'listen' is no IP address: '\(text)'")
        }
        let socket = try UDPSocket(binding: address)
        candidates = try Self.candidates(config, socket.local)
        guard let first = DTLSIdentity() else { throw .unavailable("no certificate can be made") }
        self.config = config
        self.host = host
        identity = Mutex(Identity(current: first, madeAt: host.now))
        hub = try Hub(socket: socket, workers: config.workers ?? Self.workers, host: host)
    }

    /// Begins a session; what it is for comes with its first request.
    public func openSession(
        _ params: SessionParams,
        options: NoOptions,
        host: SessionHost
    ) throws(PluginError) -> WebRTCSession {
        let formats = [params.input, params.output]
        guard formats.allSatisfy({ $0.encoding == .int16 && $0.channels == 1 && Self.rates.contains($0.sampleRate) }),
            params.input.sampleRate == params.output.sampleRate
        else { throw .unsupported("needs 16 bit mono audio of 8000, 16000, 24000 or 48000 Hz, the same both ways") }
        return WebRTCSession(provider: self, params: params, host: host)
    }

    /// Ends the threads; the socket goes with this object.
    public func close() { hub.stop() }

    var token: String? { config.token.flatMap { $0.isEmpty ? nil : $0 } }

    /// Makes a call of an offer; nil when the system has no memory or randomness.
    func makeCall(_ offer: Offer, session: WebRTCSession.Context, now: Int64) -> (call: Call, answer: String)? {
        guard let credentials = ICECredentials.random(), let identity = currentIdentity(now) else { return nil }
        let setup = PeerSetup(
            offer: offer,
            credentials: credentials,
            identity: identity,
            rate: Int(session.format.sampleRate),
            bitrate: config.bitrate ?? 28_000,
            minimumDelay: config.jitterMilliseconds?.min ?? 40,
            maximumDelay: config.jitterMilliseconds?.max ?? 300,
            name: "syrinx"
        )
        guard let peer = Peer(setup, at: now) else { return nil }
        let answer = Answer(
            offer: offer,
            credentials: credentials,
            fingerprint: identity.fingerprint,
            candidates: candidates,
            source: peer.source,
            name: setup.name,
            session: UInt64(peer.source) << 16 | 1
        )
        let call = Call(
            peer: peer,
            hub: hub,
            host: session.host,
            outbox: session.outbox,
            format: session.format,
            greeting: session.greeting
        )
        hub.add(call)
        return (call, answer.text)
    }

    func restartAnswer(to offer: Offer, _ credentials: ICECredentials) -> String {
        ICEFragment.answer(to: offer, credentials, at: candidates)
    }

    /// Certificates are renewed from time to time, so that a stolen key is of use for a while only.
    private func currentIdentity(_ now: Int64) -> DTLSIdentity? {
        identity.withLock { identity in
            if now - identity.madeAt > Self.renewal, let new = DTLSIdentity() {
                identity = Identity(current: new, madeAt: now)
            }
            return identity.current
        }
    }

    private static func candidates(
        _ config: WebRTCConfig,
        _ local: SocketAddress
    ) throws(PluginError) -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        for text in config.publicAddresses ?? [] {
            guard let address = SocketAddress(text, port: local.port), !address.isWildcard else {
                throw .invalid("config: 'public_addresses' has what is no IP address: '\(text)'")
            }
            addresses.append(address)
        }
        if !addresses.isEmpty { return addresses }
        guard !local.isWildcard else {
            throw .invalid("config: 'public_addresses' has to say where browsers reach a socket on every address")
        }
        return [local]
    }
}
