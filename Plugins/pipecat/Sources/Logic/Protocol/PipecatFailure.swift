// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Classes of what goes wrong between here and a bot.
enum PipecatFailure {
    /// The bot refused the token.
    private static let badToken = 4_003
    /// It has a caller already, or it restarts.
    private static let tryLater = 1_013

    /// A socket that ended although nobody wanted it to.
    static func close(_ close: SocketClose) -> PluginError {
        if let status = close.httpStatus {
            return VendorError.http(
                status: status,
                message: "Pipecat: the bot refused the connection with status \(status)",
                retryAfterMilliseconds: close.retryAfterMilliseconds
            )
        }
        guard let code = close.closeCode else {
            guard var error = close.error else { return .unavailable("Pipecat: the bot is gone") }
            error.message = "Pipecat: the bot is gone: \(error.message)"
            return error
        }
        let reason = close.reason.isEmpty ? "" : ": \(close.reason)"
        let message = "Pipecat: the bot closed the connection with code \(code)\(reason)"
        switch code {
        case badToken: return PluginError(.unauthenticated, message, vendorCode: Int64(code))
        case 1_002, 1_003, 1_007, 1_009:
            return PluginError(.internalError, message, isRetryable: true, vendorCode: Int64(code))
        case tryLater: return PluginError(.quotaExceeded, message, isRetryable: true, vendorCode: Int64(code))
        default: return PluginError(.unavailable, message, isRetryable: true, vendorCode: Int64(code))
        }
    }

    /// What the start endpoint answered instead of success.
    static func start(_ status: Int, _ headers: [String: String], _ body: [UInt8]) -> PluginError {
        let json = try? JSONValue(parsing: body)
        let told = json?["detail"]?.string ?? json?["error"]?.string ?? json?["message"]?.string
        return VendorError.http(
            status: status,
            message: "Pipecat: the start endpoint answered \(status)\(told.map { ": \($0)" } ?? "")",
            retryAfterMilliseconds: VendorError.retryAfterMilliseconds(headers)
        )
    }
}
