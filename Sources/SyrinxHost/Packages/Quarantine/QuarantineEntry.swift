// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Code that is not loaded any more, and why.
package struct QuarantineEntry: Hashable, Sendable {
    /// The hash of the package's entry.
    package var hash: ContentHash
    /// The plugin's id, as its manifest says.
    package var plugin: String
    /// One sentence: "it crashed 3 times within 60 s in process".
    package var reason: String
    /// Seconds since 1970 of the last time.
    package var since: Int64
    /// How often it was put here.
    package var count: Int

    package var json: JSONValue {
        [
            "hash": .string("\(hash)"), "plugin": .string(plugin), "reason": .string(reason), "since": .int(since),
            "count": .int(Int64(count)),
        ]
    }

    init?(_ json: JSONValue) {
        guard let hash = json["hash"]?.string.flatMap({ ContentHash($0) }), let since = json["since"]?.int,
            let count = json["count"]?.int
        else { return nil }
        self.init(
            hash: hash, plugin: json["plugin"]?.string ?? "", reason: json["reason"]?.string ?? "", since: since,
            count: Int(clamping: count))
    }

    init(hash: ContentHash, plugin: String, reason: String, since: Int64, count: Int) {
        self.hash = hash
        self.plugin = plugin
        self.reason = reason
        self.since = since
        self.count = count
    }

    func refusal(place: String) -> SyrinxError {
        SyrinxError(
            "plugin.quarantined", "in quarantine: \(reason)",
            fix: "install another version, or `syrinx plugin quarantine lift \(hash.short)`", place: place)
    }
}
