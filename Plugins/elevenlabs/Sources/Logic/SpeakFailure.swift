// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Classes of the vendor's errors (protocol page, "Errors and limits").
enum SpeakFailure {
    /// The class of an error code, over HTTP and over the socket; nil = not known.
    private static func classify(_ code: String) -> (Status, isRetryable: Bool)? {
        switch code {
        case "invalid_api_key", "missing_permissions", "needs_authorization": (.unauthenticated, false)
        case "quota_exceeded", "payment_required": (.quotaExceeded, false)
        case "too_many_concurrent_requests", "rate_limit_exceeded", "max_active_contexts": (.quotaExceeded, true)
        case "system_busy", "internal_server_error", "service_unavailable": (.unavailable, true)
        case "input_timeout_exceeded": (.deadlineExceeded, true)
        case "voice_not_found", "voice_id_does_not_exist", "model_not_found": (.notFound, false)
        case "only_for_creator+", "voice_access_denied", "detected_unusual_activity": (.notPermitted, false)
        case "max_character_limit_exceeded", "invalid_model", "unsupported_output_format", "invalid_request",
            "text_too_long":
            (.invalid, false)
        default: nil
        }
    }

    /// An error that came as a message over the socket.
    static func reported(_ json: JSONValue) -> PluginError {
        let code =
            [json["error"]?.string, json["code"]?.string, json["status"]?.string].compactMap { $0 }
            .first { classify($0) != nil } ?? json["error"]?.string ?? ""
        let message = json["message"]?.string ?? json["reason"]?.string ?? ""
        let (status, isRetryable) = classify(code) ?? (.unavailable, true)
        let text = [code, String(message.prefix(120))].filter { !$0.isEmpty }.joined(separator: ": ")
        return PluginError(
            status, "ElevenLabs reported \(text)", isRetryable: isRetryable,
            vendorCode: json["code"]?.int ?? 0
        ).advising(key: "api_key")
    }

    /// A refusal with an HTTP status: of a request, or of the socket.
    static func refused(status: Int, body: String, retryAfter: UInt32?) -> PluginError {
        let detail = (try? JSONValue(parsing: body))?["detail"]
        let code = detail?["status"]?.string ?? detail?["code"]?.string ?? ""
        let message = detail?["message"]?.string ?? detail?[0]?["msg"]?.string ?? detail?.string ?? ""
        let text = [code, String(message.prefix(120))].filter { !$0.isEmpty }.joined(separator: ": ")
        var error = VendorError.http(
            status: status, message: "ElevenLabs refused with HTTP \(status)" + (text.isEmpty ? "" : ": " + text),
            retryAfterMilliseconds: retryAfter)
        // A used-up quota comes as 401, an unknown voice as 400. `invalid_request` says less than any status.
        if (400..<500).contains(status), let (kind, isRetryable) = classify(code), kind != .invalid {
            error.status = kind
            error.isRetryable = isRetryable
        }
        return error.advising(key: "api_key")
    }

    /// The end of a socket; nil when it was nobody's fault.
    static func ended(_ close: SocketClose, announced: PluginError?) -> PluginError {
        if let status = close.httpStatus, status != 101 {
            return refused(status: status, body: close.body, retryAfter: close.retryAfterMilliseconds)
        }
        if let announced { return announced }
        if let error = close.error { return error }
        let code = close.closeCode.map { " with code \($0)" } ?? ""
        // 1008: a rule is broken; the reason tells which (protocol page: key, quota, voice or model).
        if close.closeCode == 1008 {
            let (status, isRetryable) = classify(close.reason) ?? (.invalid, false)
            return PluginError(
                status, "ElevenLabs closed the connection\(code): \(close.reason)", isRetryable: isRetryable,
                vendorCode: 1008
            ).advising(key: "api_key")
        }
        return PluginError(
            .unavailable, "ElevenLabs closed the connection\(code): \(close.reason)", isRetryable: true,
            vendorCode: Int64(close.closeCode ?? 0))
    }

    static let unreadable = PluginError(
        .internalError, "ElevenLabs sent messages that cannot be read", isRetryable: true)
    static let noAudio = PluginError(.internalError, "ElevenLabs answered with something that is no audio")
    static let tooLate = PluginError(
        .deadlineExceeded, "ElevenLabs sent no audio for \(SpeakSession.patienceMilliseconds) ms", isRetryable: true)
    static let tooMuch = PluginError(.internalError, "ElevenLabs sent more audio than any clause has")
}
