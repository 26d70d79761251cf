// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Classes of what the vendor answers instead of a call.
enum VapiFailure {
    /// Of these alone it is sure that no call was created.
    private static let refusals = [429, 503]

    /// `{"message": string | [string], "error", "statusCode"}`.
    static func http(_ status: Int, _ headers: [String: String], _ body: [UInt8]) -> PluginError {
        let message = (try? JSONValue(parsing: body))?["message"]
        let lines = message?.array?.compactMap(\.string) ?? [message?.string].compactMap(\.self)
        let told = String(lines.joined(separator: "; ").prefix(160))
        var error = VendorError.http(
            status: status,
            message: told.isEmpty ? "Vapi: the API answered \(status)" : "Vapi: \(told)",
            retryAfterMilliseconds: VendorError.retryAfterMilliseconds(headers)
        )
        if error.isRetryable, !refusals.contains(status) { error = uncertain(error) }
        return error.advising(key: "api_key")
    }

    /// The call may have been created, and may cost money: asking again might create another one.
    static func uncertain(_ error: PluginError) -> PluginError {
        var error = error
        error.isRetryable = false
        error.message = String(error.message.prefix(140)) + " (not asked again: the call may have been created)"
        return error
    }

    /// A socket that ended although nobody wanted it to.
    ///
    /// - Parameter hasBegun: The call was on, so that the host may go on with another one.
    static func close(_ close: SocketClose, hasBegun: Bool) -> PluginError {
        var error: PluginError
        if let status = close.httpStatus {
            error = VendorError.http(status: status, message: "Vapi: the call's socket was refused with \(status)")
        } else if let code = close.closeCode {
            let reason = close.reason.isEmpty ? "" : ": \(close.reason)"
            error = .unavailable("Vapi: the server closed the call's socket with code \(code)\(reason)")
            error.vendorCode = Int64(code)
        } else {
            error = close.error ?? .unavailable("the server closed it")
            error.message = "Vapi: the call's socket is gone: \(error.message)"
        }
        if !hasBegun { error.isRetryable = false }
        return error
    }
}
