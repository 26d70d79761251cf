// SPDX-License-Identifier: Apache-2.0
internal import OpenAIHTTP
internal import SyrinxPlugin

extension OpenAIFailure {
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
}
