// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import SyrinxCore

/// The network's errors as sentences with a fix.
enum TalkFailure {
    static func error(_ error: any Error, _ target: TalkTarget) -> SyrinxError {
        switch error {
        case let error as SyrinxError: error
        case let error as NIOConnectionError: unreachable(error, target)
        case is CancellationError: SyrinxError("client.cancelled", "the call was cancelled")
        case ChannelError.connectTimeout: unreachable("no answer within 5 seconds", target)
        case let error as IOError: lost(String(cString: strerror(error.errnoCode)), target)
        default: lost(String(describing: error), target)
        }
    }

    private static func unreachable(_ error: NIOConnectionError, _ target: TalkTarget) -> SyrinxError {
        if error.connectionErrors.isEmpty { return unreachable("the host name does not resolve", target) }
        let codes = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
        if codes.contains(ECONNREFUSED) { return unreachable("nothing listens there", target) }
        return unreachable(codes.first.map { String(cString: strerror($0)) } ?? "no answer", target)
    }

    private static func unreachable(_ why: String, _ target: TalkTarget) -> SyrinxError {
        SyrinxError(
            "client.connection_failed", "cannot connect to \(target.authority): \(why)",
            fix: "start the server with `syrinx serve`, or name another with --url ws://HOST:PORT", retryable: true)
    }

    private static func lost(_ why: String, _ target: TalkTarget) -> SyrinxError {
        SyrinxError(
            "client.connection_lost", "the connection to \(target.authority) broke: \(why)",
            fix: "look into the server's log", retryable: true)
    }
}
