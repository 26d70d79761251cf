// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL
internal import Synchronization
internal import SyrinxCore

/// Which versions of HTTP a connection may speak: what TLS offers (ALPN, RFC 7301).
enum HTTPVersions: Hashable, Sendable {
    case any, http1, http2

    var names: [String] {
        switch self {
        case .any: ["h2", "http/1.1"]
        case .http1: ["http/1.1"]
        case .http2: ["h2"]
        }
    }
}

/// TLS as all connections use it: certificates are verified in full, TLS 1.2 at least. Contexts are costly, for they
/// hold the trusted authorities; each is made when it is first needed.
final class TLSContexts: Sendable {
    private let roots: NIOSSLTrustRoots
    private let made = Mutex<[HTTPVersions: NIOSSLContext]>([:])

    /// - Parameter path: a PEM file of the authorities to trust instead of the system's.
    init(trustedRoots path: String?) throws(NetworkFailure) {
        guard let path else {
            roots = .default
            return
        }
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(path)
            guard !certificates.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            roots = .certificates(certificates)
        } catch {
            throw NetworkFailure(.tls, "cannot read trusted certificates from \(path)")
        }
    }

    func context(_ versions: HTTPVersions) throws -> NIOSSLContext {
        try made.withLock { made in
            if let context = made[versions] { return context }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = roots
            configuration.minimumTLSVersion = .tlsv12
            configuration.certificateVerification = .fullVerification
            configuration.applicationProtocols = versions.names
            let context = try NIOSSLContext(configuration: configuration)
            made[versions] = context
            return context
        }
    }
}
