// SPDX-License-Identifier: Apache-2.0

/// What a credential allows. None contains another: a key for operations that may also talk has both.
///
/// Operators of the host have no scope: ``OperatorGrant`` is another type, so that none can be taken for a tenant.
package enum Scope: String, Sendable, CaseIterable {
    /// Open sessions, make session tokens.
    case talk
    /// See sessions, records, recordings, usage.
    case read
    /// Close sessions, erase, export, take tokens back.
    case admin
}
