// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Classes of what the vendor reports: refusals of the upgrade, close codes with their reasons, error objects.
enum LiveFailure {
    /// A socket that ended although nobody wanted it to.
    static func close(_ close: SocketClose) -> PluginError {
        if let status = close.httpStatus {
            let body = try? JSONValue(parsing: close.body)
            let message = body?["error"]?["message"]?.string ?? "the connection was refused with status \(status)"
            return VendorError.http(
                status: status,
                message: "Gemini Live: \(message)",
                retryAfterMilliseconds: close.retryAfterMilliseconds
            ).advising(key: "api_key")
        }
        guard let code = close.closeCode else {
            return close.error ?? .unavailable("Gemini Live: the server closed the connection")
        }
        let (status, isRetryable) = classify(code, close.reason)
        let reason = close.reason.isEmpty ? "with code \(code)" : "with code \(code): \(close.reason)"
        return PluginError(
            status,
            "Gemini Live: the server closed the connection \(reason)",
            isRetryable: isRetryable,
            vendorCode: Int64(code)
        ).advising(key: "api_key")
    }

    /// An error object in the stream, as the vendor's HTTP answers have it: `{code, message, status}`.
    static func error(_ json: JSONValue) -> PluginError {
        let code = Int(clamping: json["code"]?.int ?? 500)
        let message = json["message"]?.string ?? "the server reported an error"
        return VendorError.http(status: code, message: "Gemini Live: \(message)").advising(key: "api_key")
    }

    /// By the code, and by what the reason says ("Limits": at most 123 bytes of text).
    private static func classify(_ code: Int, _ reason: String) -> (Status, Bool) {
        let words = reason.lowercased()
        if words.contains("api key") || words.contains("unauthenticated") { return (.unauthenticated, false) }
        if words.contains("quota") || words.contains("resource_exhausted") || words.contains("rate limit") {
            return (.quotaExceeded, true)
        }
        switch code {
        case 1_007: return (.invalid, false)
        case 1_008: return words.contains("not found") ? (.notFound, false) : (.notPermitted, false)
        case 1_002, 1_003, 1_009: return (.internalError, true)
        default: return (.unavailable, true)
        }
    }
}
