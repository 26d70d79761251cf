// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// What sessions need of the provider's configuration.
struct NovaSettings: Sendable {
    var voice = "matthew"
    var instructions = ""
    var maximumTokens = 1024
    var topP = 0.9
    var temperature = 0.7
    /// HIGH, MEDIUM or LOW; nil = the vendor's own.
    var endpointing: String?
    /// The vendor ends a session after so long.
    var sessionSeconds = 480
    /// Nova 1 hears a caller, but reads no turn.
    var takesTypedTurns = true
}
