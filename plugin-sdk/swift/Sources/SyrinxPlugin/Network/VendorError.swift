// SPDX-License-Identifier: Apache-2.0

/// Classes of the errors that vendors answer.
public enum VendorError {
    /// An HTTP status that is no success, as an error of its class.
    ///
    /// 401 is ``Status/unauthenticated``, 403 ``Status/notPermitted``, 404 and 410 ``Status/notFound``, 402
    /// ``Status/quotaExceeded``, 429 the same and retryable, 408 and 504 ``Status/deadlineExceeded`` and retryable, 409,
    /// 425 and the other 5xx ``Status/unavailable`` and retryable, the other 4xx ``Status/invalid``, and what is no error
    /// at all ``Status/internalError``.
    ///
    /// - Parameters:
    ///   - status: The HTTP status.
    ///   - message: One sentence for an operator.
    ///   - retryAfterMilliseconds: How long the vendor asked to wait.
    public static func http(status: Int, message: String, retryAfterMilliseconds: UInt32? = nil) -> PluginError {
        let (kind, isRetryable) = classify(status)
        return PluginError(
            kind,
            message,
            isRetryable: isRetryable,
            retryAfterMilliseconds: retryAfterMilliseconds ?? 0,
            vendorCode: Int64(status)
        )
    }

    /// How long a response's headers ask to wait, in milliseconds: `retry-after-ms`, or `retry-after` in seconds
    /// (RFC 9110, 10.2.3); a date is not understood.
    public static func retryAfterMilliseconds(_ headers: [String: String]) -> UInt32? {
        if let value = headers["retry-after-ms"].flatMap(Double.init), value >= 0, value.isFinite {
            return UInt32(min(value.rounded(), 86_400_000))
        }
        guard let seconds = headers["retry-after"].flatMap(Double.init), seconds >= 0, seconds.isFinite else {
            return nil
        }
        return UInt32(min((seconds * 1000).rounded(), 86_400_000))
    }

    private static func classify(_ status: Int) -> (Status, isRetryable: Bool) {
        switch status {
        case 401: (.unauthenticated, false)
        case 402: (.quotaExceeded, false)
        case 403: (.notPermitted, false)
        case 404, 410: (.notFound, false)
        case 408, 504: (.deadlineExceeded, true)
        case 409, 425: (.unavailable, true)
        case 429: (.quotaExceeded, true)
        case 400..<500: (.invalid, false)
        case 500..<600: (.unavailable, true)
        default: (.internalError, false)
        }
    }
}

extension PluginError {
    /// What the ABI carries of a message, in bytes.
    private static let longest = 231

    /// A vendor's refusal with what an operator does about it at the end of its sentence: of a key, of what the account
    /// may do or pay for, of a name that is not there. As it is where only the vendor, or waiting, can help.
    ///
    /// - Parameter key: The option that holds the key, such as `api_key`.
    public func advising(key: String) -> PluginError {
        let advice =
            switch status {
            case .unauthenticated: "; set `\(key)` to a valid key"
            case .notPermitted: "; check what the account of `\(key)` may use"
            case .notFound: "; check `url`, and the names in the configuration"
            case .quotaExceeded where !isRetryable: "; check the credit of the account of `\(key)`"
            default: ""
            }
        guard !advice.isEmpty else { return self }
        var words = message.prefix(Self.longest)
        while !words.isEmpty, words.utf8.count + advice.utf8.count > Self.longest { words.removeLast() }
        var advised = self
        advised.message = words + advice
        return advised
    }
}
