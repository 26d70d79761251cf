// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// An error for the outside: RFC 9457 problem details over HTTP, an `error` event over a socket.
enum Problem {
    static let contentType = "application/problem+json"
    /// Seconds after which a refused client may ask again; nil when asking again is of no use.
    static func retryAfter(_ error: SyrinxError) -> Int? {
        guard error.retryable else { return nil }
        guard let wanted = error.retryAfter else { return 2 }
        // Whole seconds, rounded up (RFC 9110 10.2.3).
        return Int(clamping: max(1, wanted.components.seconds &+ (wanted.components.attoseconds > 0 ? 1 : 0)))
    }

    /// What a client without a good credential is asked for (RFC 6750 3).
    static func challenge(_ error: SyrinxError) -> String? {
        switch error.code {
        case "auth.missing": "Bearer"
        case "auth.invalid", "auth.expired": "Bearer error=\"invalid_token\""
        case "auth.forbidden": "Bearer error=\"insufficient_scope\""
        default: nil
        }
    }

    static func json(_ error: SyrinxError, status: Int? = nil) -> JSONValue {
        var fields = fields(error)
        fields["title"] = fields.removeValue(forKey: "message")
        fields["status"] = .int(Int64(status ?? self.status(error)))
        return .object(fields)
    }

    static func event(_ error: SyrinxError) -> JSONValue {
        var fields = fields(error)
        fields["type"] = "error"
        return .object(fields)
    }

    private static func fields(_ error: SyrinxError) -> [String: JSONValue] {
        var fields: [String: JSONValue] = ["code": .string(error.code), "message": .string(error.message)]
        if let fix = error.fix { fields["fix"] = .string(fix) }
        if let place = error.place { fields["place"] = .string(place) }
        if let seconds = retryAfter(error) { fields["retry_after"] = .int(Int64(seconds)) }
        return fields
    }

    static func status(_ error: SyrinxError) -> Int {
        switch error.code {
        case "session.draining", "session.limit_exceeded", "session.busy", "session.overloaded": return 503
        case "tenant.limit_exceeded", "tenant.quota_exceeded", "request.rate_exceeded", "auth.too_many_failures",
            "token.limit_exceeded", "request.idempotency_full":
            return 429
        case "request.idempotency_conflict", "session.keys_refused", "pipeline.unavailable": return 409
        case "auth.missing", "auth.invalid", "auth.expired": return 401
        case "auth.forbidden", "auth.origin": return 403
        case "records.not_kept": return 404
        case let code where code.hasPrefix("store."): return code == "store.cursor_invalid" ? 400 : 503
        case "request.body_too_large": return 413
        case "door.timeout": return 504
        case "door.failed": return 502
        case let code where code.hasSuffix("not_found"): return code == "plugin.not_found" ? 503 : 404
        case "profile.incomplete", "profile.language_unsupported": return 503
        case "server.internal": return 500
        case "request.method_not_allowed": return 405
        case let code where code.hasPrefix("provider."): return 503
        case "request.upgrade_required": return 426
        default: return 400
        }
    }
}
