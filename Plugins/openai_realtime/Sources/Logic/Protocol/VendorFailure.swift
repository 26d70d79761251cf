// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Classes of what the vendor reports: its `error` objects, its close codes and reasons, its refusals of the upgrade.
enum VendorFailure {
    /// An object `{type, code?, message}` (Objects, error), wherever it stands.
    static func error(_ json: JSONValue?, fallback: String) -> PluginError {
        let type = json?["type"]?.string ?? ""
        let code = json?["code"]?.string ?? ""
        let message = json?["message"]?.string ?? fallback
        return classify(type + " " + code, message: "OpenAI Realtime: \(message)")
    }

    /// A socket that ended although nobody wanted it to.
    static func close(_ close: SocketClose) -> PluginError {
        if let status = close.httpStatus {
            let body = try? JSONValue(parsing: close.body)
            // To a wrong key the vendor quotes parts of it.
            let said = status == 401 ? nil : body?["error"]?["message"]?.string
            let message = said ?? "the connection was refused with status \(status)"
            let error = VendorError.http(
                status: status,
                message: "OpenAI Realtime: \(message)",
                retryAfterMilliseconds: close.retryAfterMilliseconds
            )
            guard status == 429, isQuota(body?["error"]?["code"]?.string ?? "") else {
                return error.advising(key: "api_key")
            }
            var quota = error
            quota.isRetryable = false
            return quota.advising(key: "api_key")
        }
        guard let code = close.closeCode else {
            return close.error ?? .unavailable("OpenAI Realtime: the server closed the connection")
        }
        // Some refusals come as the reason of a close: "invalid_request_error.invalid_api_key".
        let message = "OpenAI Realtime: the server closed the connection: \(close.reason)"
        var error = classify(close.reason, message: message)
        if error.status == .internalError || code == 1_000 || code == 1_001 {
            error = .unavailable("OpenAI Realtime: the server closed the connection with code \(code)")
        }
        error.vendorCode = Int64(code)
        return error
    }

    private static func classify(_ words: String, message: String) -> PluginError {
        let table: [(String, Status, Bool)] = [
            ("invalid_api_key", .unauthenticated, false), ("authentication", .unauthenticated, false),
            ("permission", .notPermitted, false), ("insufficient_quota", .quotaExceeded, false),
            ("rate_limit", .quotaExceeded, true), ("model_not_found", .notFound, false),
            ("session_expired", .unavailable, true), ("server_error", .unavailable, true),
            ("timeout", .deadlineExceeded, true), ("invalid_request", .invalid, false), ("invalid", .invalid, false),
        ]
        let row = table.first { words.contains($0.0) }
        return PluginError(row?.1 ?? .internalError, message, isRetryable: row?.2 ?? true)
    }

    private static func isQuota(_ code: String) -> Bool { code.contains("insufficient_quota") }
}
