// SPDX-License-Identifier: Apache-2.0

/// A node of the file with its place.
///
/// Scalars keep their text: what a text means is decided by the key it stands under, never by the guesses of YAML 1.1,
/// for which `no` is false, `0100` is 64 and `1:30` is 90.
struct ConfigNode: Sendable {
    enum Content: Sendable {
        case scalar(ConfigScalar)
        case list([ConfigNode])
        case mapping([ConfigEntry])
    }

    var place: SourcePlace
    var content: Content

    /// `key:` with nothing behind it, `~` or `null`.
    ///
    /// A reference to something empty is an empty text.
    var isEmpty: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.isPlain && !scalar.isSecret && ["", "~", "null"].contains(scalar.text)
    }

    /// Its reference led nowhere, which was reported; nothing more can be said about it.
    var isFaulty: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.isFaulty
    }

    var isSecret: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.isSecret
    }

    /// The same with nothing of it to be shown.
    var hidden: ConfigNode {
        var result = self
        switch content {
        case .scalar(var scalar):
            scalar.isSecret = !isEmpty
            scalar.isWrittenSecret = true
            result.content = .scalar(scalar)
        case .list(let elements): result.content = .list(elements.map(\.hidden))
        case .mapping(let entries):
            result.content = .mapping(
                entries.map { ConfigEntry(key: $0.key, keyPlace: $0.keyPlace, value: $0.value.hidden) })
        }
        return result
    }

    /// What stands here, for an error sentence.
    var foundPhrase: String {
        switch content {
        case .scalar where isEmpty: "nothing"
        case .scalar(let scalar): scalar.foundPhrase
        case .list: "a list"
        case .mapping: "a group of keys"
        }
    }
}

struct ConfigEntry: Sendable {
    var key: String
    var keyPlace: SourcePlace
    var value: ConfigNode
}

struct ConfigScalar: Sendable {
    /// The text with its references replaced.
    var text: String
    /// The text as written.
    var source: String
    /// Written without quotes.
    var isPlain: Bool
    /// Holds something from the environment or from a file, which must not be shown.
    var isSecret: Bool
    var isFaulty = false
    /// Stands under a key that holds secrets: not even what is written may be shown.
    var isWrittenSecret = false
    /// Waits for the secrets of its tenant; see ``TenantSecrets``.
    var isPending = false

    var foundPhrase: String {
        if isWrittenSecret { return "[secret]" }
        return isSecret ? "the hidden value of `\(source)`" : "`\(text.count > 60 ? text.prefix(60) + "…" : text)`"
    }
}
