// SPDX-License-Identifier: Apache-2.0

/// What is known of a session when it begins.
package struct SessionStart: Sendable, Hashable {
    /// The host's own, unique, and plain (``RecordID``).
    package var id: String
    package var tenant: String
    /// Whose session it is, in the words of the tenant's application; what ``RecordStore/erase(user:tenant:)`` is asked
    /// for. At most 256 bytes without NUL; anything else is not kept.
    package var user: String?
    package var profile: String
    /// Kind of stage and what serves it: `tts`, `flite@1.0.0`.
    package var providers: [String: String]
    /// The W3C trace context that the session came with.
    package var traceparent: String?
    /// The caller's address.
    package var peer: String?
    /// Unix milliseconds, like all times of the store.
    package var startedAt: Int64
    package var policy: RecordPolicy

    package init(
        id: String, tenant: String, user: String? = nil, profile: String, providers: [String: String] = [:],
        traceparent: String? = nil, peer: String? = nil, startedAt: Int64, policy: RecordPolicy = RecordPolicy()
    ) {
        self.id = id
        self.tenant = tenant
        self.user = user
        self.profile = profile
        self.providers = providers
        self.traceparent = traceparent
        self.peer = peer
        self.startedAt = startedAt
        self.policy = policy
    }

    /// Whether a user's id can be kept as it is, so that it can be found and erased again.
    package static func isValidUser(_ user: String) -> Bool {
        (1...256).contains(user.utf8.count) && !user.utf8.contains(0)
    }
}

/// Ids of sessions and tenants become names of files and folders: ASCII letters, digits, `-` and `_`, at most 64. No
/// such name leaves its folder.
package enum RecordID {
    package static func isValid(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isPlain)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
