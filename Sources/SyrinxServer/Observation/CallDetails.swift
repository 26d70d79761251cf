// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAccess
internal import SyrinxTelemetry

/// What a door knows of a session that its conversation has no use for.
struct CallDetails: Sendable {
    /// The caller's address, without port.
    var peer: String?
    /// The trace that the caller is in.
    var trace: SpanContext?
    /// How long the session may last, if that is less than its profile says.
    var longest: Duration?
    /// The client knows how to come back after a lost connection.
    var isResumable = false
    var tenant: TenantPolicy
}
