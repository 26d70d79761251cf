// SPDX-License-Identifier: Apache-2.0
package import SyrinxPlugin

/// What the API answers instead of text or audio (OpenAI, API reference, "Error codes").
package enum OpenAIFailure {
    /// More of an error's body is not kept.
    package static let maximumBody = 16 << 10

    /// The server does not keep to the protocol.
    package static func malformed(_ what: String) -> PluginError {
        PluginError(.internalError, "the server's answer is malformed: \(what)")
    }

    /// An HTTP status other than 2xx, with its body.
    package static func http(status: Int, headers: [String: String], body: [UInt8]) -> PluginError {
        let object = (try? JSONValue(parsing: body))?["error"]
        var error = VendorError.http(
            status: status,
            message: sentence(status, object),
            retryAfterMilliseconds: VendorError.retryAfterMilliseconds(headers)
        )
        // An empty account does not fill up by waiting.
        if code(object) == "insufficient_quota" || headers["x-should-retry"] == "false" { error.isRetryable = false }
        return error.advising(key: "api_key")
    }

    private static func sentence(_ status: Int, _ object: JSONValue?) -> String {
        switch status {
        // The vendor quotes parts of the key.
        case 401: "the server answered 401: the API key is missing or wrong"
        default: "the server answered \(status)" + (object.map { ": " + detail($0) } ?? "")
        }
    }

    /// `code` says more than `type`, which is the same for many.
    package static func code(_ object: JSONValue?) -> String {
        object?["code"]?.string ?? object?["type"]?.string ?? ""
    }

    /// The vendor's own words, in one line that is not too long.
    package static func detail(_ object: JSONValue) -> String {
        let words = object["message"]?.string ?? object.string ?? code(object)
        let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(160)
        return line.isEmpty ? "no reason given" : String(line)
    }
}
