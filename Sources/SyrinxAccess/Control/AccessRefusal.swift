// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A no: what the caller is told, and what the operator may know.
package struct AccessRefusal: Error, Sendable, Hashable {
    /// For logs and metrics; never for the caller, who could learn from it what exists here.
    package enum Reason: String, Sendable, CaseIterable {
        case missing
        /// Not written like a credential, or more than one of them.
        case malformed
        /// No key, token or signature of ours; or of another tenant than the route's.
        case unknown
        case expired
        /// A token that is not valid yet.
        case early
        /// A token that is valid for longer than the tenant allows.
        case tooLong = "too_long"
        case forbidden
    }

    /// `auth.missing` (401), `auth.invalid` (401), `auth.expired` (401), `auth.forbidden` (403).
    package let error: SyrinxError
    package let reason: Reason

    package static let missing = AccessRefusal(
        error: SyrinxError(
            "auth.missing", "this needs a credential",
            fix: "send `Authorization: Bearer KEY`, or a session token as the query parameter `token`"),
        reason: .missing)

    /// One answer for malformed, unknown, foreign, used and revoked: it says nothing of what exists.
    package static func invalid(_ reason: Reason) -> AccessRefusal {
        AccessRefusal(
            error: SyrinxError(
                "auth.invalid", "this credential is not valid here",
                fix: "check key, tenant and expiry; in a query only a session token is taken"),
            reason: reason)
    }

    /// Of a token that a key of ours has signed: its holder knows it anyway.
    package static let expired = AccessRefusal(
        error: SyrinxError("auth.expired", "the token has expired", fix: "get a new one"), reason: .expired)

    package static func forbidden(_ scope: Scope) -> AccessRefusal {
        AccessRefusal(
            error: SyrinxError(
                "auth.forbidden", "this needs the scope `\(scope.rawValue)`", fix: "use a credential that has it"),
            reason: .forbidden)
    }
}
