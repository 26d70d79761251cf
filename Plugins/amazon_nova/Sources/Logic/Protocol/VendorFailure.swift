// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The vendor's failures by class (protocol page, "HTTP/2 request" and "Event-stream frame").
enum VendorFailure {
    /// An HTTP answer other than 200.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - headers: `x-amzn-errortype` names the exception; names in lower case.
    ///   - body: `{"message"}`, or anything.
    static func http(status: Int, headers: [String: String], body: [UInt8]) -> PluginError {
        let type = headers["x-amzn-errortype"].map { String($0.prefix { $0 != ":" }) } ?? ""
        let value = try? JSONValue(parsing: body)
        let said = value?["message"]?.string ?? value?["Message"]?.string
        let message = sentence("answered \(status)", type: type, said: said)
        var error = VendorError.http(
            status: status,
            message: message,
            retryAfterMilliseconds: VendorError.retryAfterMilliseconds(headers)
        )
        if let fault = credentials(type, message) { (error.status, error.isRetryable, error.message) = fault }
        if status == 424 { (error.status, error.isRetryable) = (.unavailable, true) }
        return error
    }

    /// A frame of the stream that is an exception or an error.
    static func exception(_ frame: EventMessage) -> PluginError {
        let type = frame.text(":exception-type") ?? frame.text(":error-code") ?? "unknown"
        let said = (try? JSONValue(parsing: frame.payload))?["message"]?.string ?? frame.text(":error-message")
        let message = sentence("ended the stream", type: type, said: said)
        if let (status, isRetryable, message) = credentials(type, message) {
            return PluginError(status, message, isRetryable: isRetryable, vendorCode: 403)
        }
        // A session without audio for a minute ends as a validation error; another stream may do better.
        let isTimeout = type == "validationException" && said?.lowercased().contains("timed out") == true
        let (status, isRetryable, code) = isTimeout ? (.deadlineExceeded, true, 408) : classify(type)
        return PluginError(status, message, isRetryable: isRetryable, vendorCode: code)
    }

    private static func classify(_ type: String) -> (Status, isRetryable: Bool, code: Int64) {
        switch type {
        case "validationException": (.invalid, false, 400)
        case "modelTimeoutException": (.deadlineExceeded, true, 408)
        case "modelStreamErrorException": (.unavailable, true, 424)
        case "throttlingException": (.quotaExceeded, true, 429)
        case "internalServerException": (.unavailable, true, 500)
        case "serviceUnavailableException": (.unavailable, true, 503)
        default: (.internalError, false, 0)
        }
    }

    /// Of an exception that says that the key is what is wrong. A stream writes its names with a small letter.
    private static func credentials(_ type: String, _ message: String) -> (Status, isRetryable: Bool, String)? {
        let name = type.prefix(1).uppercased() + type.dropFirst()
        guard credentialFaults.contains(name) else { return nil }
        guard name.hasPrefix("Expired") else { return (.unauthenticated, false, message) }
        let fix = "renew 'access_key_id', 'secret_access_key' and 'session_token'"
        return (.unauthenticated, false, "\(message); temporary credentials have expired: \(fix)")
    }

    private static func sentence(_ what: String, type: String, said: String?) -> String {
        let type = type.isEmpty ? "" : " \(type)"
        return "Amazon Bedrock \(what)\(type)" + (said.map { ": \($0.prefix(160))" } ?? "")
    }

    /// They come with 403, like a permission that is missing, but the key is what is wrong.
    private static let credentialFaults: Set = [
        "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException",
        "InvalidClientTokenId", "MissingAuthenticationTokenException", "ExpiredTokenException", "ExpiredToken",
        "SignatureDoesNotMatch",
    ]
}
