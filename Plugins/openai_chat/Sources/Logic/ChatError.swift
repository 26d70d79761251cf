// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What the API answers instead of an answer (openai-http.md, "Errors").
enum ChatError {
    /// The server does not keep to the protocol.
    static func malformed(_ what: String) -> PluginError {
        PluginError(.internalError, "the server's answer is malformed: \(what)")
    }

    /// An HTTP status other than 2xx, with its body.
    static func http(status: Int, headers: [String: String], body: [UInt8]) -> PluginError {
        let object = (try? JSONValue(parsing: body))?["error"]
        var error = VendorError.http(
            status: status,
            message: sentence(status, object),
            retryAfterMilliseconds: VendorError.retryAfterMilliseconds(headers)
        )
        // An empty account does not fill up by waiting.
        if code(object) == "insufficient_quota" || headers["x-should-retry"] == "false" { error.isRetryable = false }
        return error
    }

    /// An error object in the middle of a stream, or with status 200.
    static func inStream(_ object: JSONValue) -> PluginError {
        let message = "the server broke off: " + detail(object)
        if let status = object["code"]?.int ?? object["status"]?.int, (400...599).contains(status) {
            return VendorError.http(status: Int(status), message: message)
        }
        switch code(object) {
        case "insufficient_quota": return PluginError(.quotaExceeded, message)
        case "rate_limit_exceeded", "rate_limit_error":
            return PluginError(.quotaExceeded, message, isRetryable: true)
        case "invalid_api_key", "authentication_error": return PluginError(.unauthenticated, message)
        case "permission_error": return PluginError(.notPermitted, message)
        case "model_not_found", "not_found_error": return PluginError(.notFound, message)
        case "invalid_request_error", "context_length_exceeded", "content_filter":
            return PluginError(.invalid, message)
        default: return .unavailable(message)
        }
    }

    private static func sentence(_ status: Int, _ object: JSONValue?) -> String {
        switch status {
        // The vendor quotes parts of the key.
        case 401: "the server answered 401: the API key is missing or wrong"
        default: "the server answered \(status)" + (object.map { ": " + detail($0) } ?? "")
        }
    }

    /// `code` says more than `type`, which is the same for many.
    private static func code(_ object: JSONValue?) -> String {
        object?["code"]?.string ?? object?["type"]?.string ?? ""
    }

    /// The vendor's own words, in one line that is not too long.
    private static func detail(_ object: JSONValue) -> String {
        let words = object["message"]?.string ?? object.string ?? code(object)
        let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(160)
        return line.isEmpty ? "no reason given" : String(line)
    }
}
