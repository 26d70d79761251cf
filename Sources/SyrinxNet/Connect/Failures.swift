// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL
internal import SyrinxCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What NIO's errors mean to whoever asked. The sentences hold the host's name and fixed words, nothing that was sent or
/// received.
extension NetworkFailure {
    init(_ error: any Error, host: String) {
        switch error {
        case let failure as NetworkFailure: self = failure
        case let error as NIOConnectionError: self = .connecting(error, host: host)
        case let error as IOError: self = .io(error, host: host)
        case let error as ChannelError: self = .channel(error, host: host)
        case is NIOSSLExtraError:
            self.init(.tls, "the certificate of \(host) was refused: it is for another name")
        case let error as NIOSSLError: self = .tls(error, host: host)
        case is BoringSSLError: self.init(.tls, "\(host) broke TLS's rules")
        case let error as HTTPParserError: self = .http(error, host: host)
        case let error as NIOHTTP2Errors.StreamClosed: self = .reset(error, host: host)
        case is any NIOHTTP2Error:
            self.init(.protocolBroken, "\(host) broke HTTP/2's rules: \(type(of: error))")
        default: self.init(.connection, "the connection to \(host) failed: \(type(of: error))")
        }
    }

    private static func connecting(_ error: NIOConnectionError, host: String) -> NetworkFailure {
        guard let last = error.connectionErrors.last?.error else {
            return NetworkFailure(.connection, "cannot connect to \(host)")
        }
        return NetworkFailure(last, host: host)
    }

    private static func io(_ error: IOError, host: String) -> NetworkFailure {
        switch error.errnoCode {
        case ECONNREFUSED: NetworkFailure(.connection, "\(host) refused the connection")
        case ECONNRESET, EPIPE: NetworkFailure(.connection, "\(host) reset the connection")
        case ETIMEDOUT: NetworkFailure(.timeout, "\(host) no longer answers")
        case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL: NetworkFailure(.connection, "there is no way to \(host)")
        default:
            NetworkFailure(
                .connection, "the connection to \(host) failed: \(String(cString: strerror(error.errnoCode)))")
        }
    }

    private static func channel(_ error: ChannelError, host: String) -> NetworkFailure {
        switch error {
        case .connectTimeout: NetworkFailure(.timeout, "no connection to \(host) in time")
        default: NetworkFailure(.connection, "\(host) closed the connection")
        }
    }

    private static func tls(_ error: NIOSSLError, host: String) -> NetworkFailure {
        switch error {
        case .uncleanShutdown: return NetworkFailure(.connection, "\(host) cut the connection")
        case .unableToValidateCertificate, .noCertificateToValidate:
            return NetworkFailure(.tls, "the certificate of \(host) was refused: it is for another name")
        case .handshakeFailed(let cause):
            // The library's reasons are words of its own, such as CERTIFICATE_VERIFY_FAILED.
            let reasons = String(describing: cause)
            if reasons.contains("CERTIFICATE_VERIFY_FAILED") {
                return NetworkFailure(
                    .tls, "the certificate of \(host) was refused: it has expired, or its authority is not trusted")
            }
            if reasons.contains("NO_APPLICATION_PROTOCOL") {
                return NetworkFailure(.protocolBroken, "\(host) does not speak the version of HTTP that is asked for")
            }
            if reasons.contains("EOF during handshake") {
                return NetworkFailure(.connection, "\(host) closed the connection during the TLS handshake")
            }
            return NetworkFailure(.tls, "TLS with \(host) could not be agreed upon")
        default: return NetworkFailure(.tls, "TLS with \(host) failed")
        }
    }

    private static func http(_ error: HTTPParserError, host: String) -> NetworkFailure {
        switch error {
        case .invalidEOFState, .closedConnection:
            NetworkFailure(.connection, "\(host) closed the connection before the end of its answer")
        case .headerOverflow: NetworkFailure(.protocolBroken, "\(host) sent too many or too long headers")
        default: NetworkFailure(.protocolBroken, "\(host) broke HTTP's rules: \(error)")
        }
    }

    private static func reset(_ error: NIOHTTP2Errors.StreamClosed, host: String) -> NetworkFailure {
        let kind: Kind = error.errorCode == .protocolError ? .protocolBroken : .connection
        return NetworkFailure(kind, "\(host) reset the request: \(error.errorCode)")
    }
}
