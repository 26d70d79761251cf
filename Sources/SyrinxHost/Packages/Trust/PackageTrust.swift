// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// How far a package is believed, and why.
package struct PackageTrust: Hashable, Sendable {
    /// From the most believed to the least. `modified` and `invalid` packages are never loaded.
    package enum Level: String, Hashable, Sendable, CaseIterable {
        /// The operator's lock file names its hashes and calls it core.
        case core
        /// A key that the operator trusts has signed it.
        case signed
        /// Nobody answers for it.
        case unsigned
        /// A file is not what the manifest or the lock says.
        case modified
        /// Malformed, badly signed, or refused by another check.
        case invalid
    }

    package var level: Level
    /// The key that has signed it, when the operator knows that key.
    package var keyID: String?
    /// What that key allows.
    package var reach: TrustKey.Reach?
    /// One sentence for people, where the level needs one: "signed with the unknown key …".
    package var note: String?

    package init(_ level: Level, key: TrustKey? = nil, note: String? = nil) {
        self.level = level
        keyID = key?.id
        reach = key?.reach
        self.note = note
    }

    /// Whether it may be loaded into the server's own process; else a helper process holds it.
    package var mayRunInProcess: Bool { level == .core || (level == .signed && reach == .inproc) }

    /// The level of a package that verification refused with this error.
    package static func level(of refusal: SyrinxError) -> Level {
        refusal.code == "plugin.trust.modified" ? .modified : .invalid
    }
}
