// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
package import SyrinxCore

/// Whoever opened a ``PluginTransport`` learns from it what concerns no session. On the event loop.
package protocol FarEnd: AnyObject {
    /// The plugin's answer to a request at its door; a status below 0: it refused the request.
    func replied(to request: UInt64, status: Int, headers: JSONValue, body: String)
    /// The far end is there: a session may begin, with ``PluginTransport/begin(_:)``. Once.
    func arrived(_ peer: PeerFacts)
    /// A message of the native protocol; `docs/PROTOCOL.md`.
    func commanded(_ json: String)
    /// The plugin's session is closed; nothing follows.
    func closed()
}

/// What a transport tells of the far end. Nothing in it is trusted beyond what the plugin itself has judged.
package struct PeerFacts: Sendable, Equatable {
    package var user = ""
    package var from = ""
    package var to = ""
    /// The far end's own name for the call.
    package var call = ""
    package var language: String?
    package var metadata: [String: String] = [:]

    static let textLimit = 256
    static let metadataLimit = 32

    package init() {}

    /// Texts that are too long are cut; more than 32 metadata are left out.
    init(json: String) {
        guard let facts = try? JSONValue(parsing: json) else { return }
        func text(_ name: String) -> String { String((facts[name]?.string ?? "").prefix(Self.textLimit)) }
        (user, from, to, call) = (text("user"), text("from"), text("to"), text("call"))
        language = facts["language"]?.string.map { String($0.prefix(32)) }
        let pairs = (facts["metadata"]?.object ?? [:]).sorted { $0.key < $1.key }.prefix(Self.metadataLimit)
        for (name, value) in pairs {
            metadata[String(name.prefix(64))] = String((value.string ?? "").prefix(Self.textLimit))
        }
        for (name, value) in [("from", from), ("to", to), ("call", call)] where !value.isEmpty {
            metadata[name] = value
        }
    }
}
