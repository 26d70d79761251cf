// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// What a plugin asks for in its manifest. Nothing that is not named is granted.
package struct PluginPermissions: Hashable, Sendable {
    /// Hosts or URL prefixes that it may reach.
    package var net: [String] = []
    /// Names of the operator's secrets that it may use.
    package var secrets: [String] = []
    /// Blocking work on the host's workers, `core->run`.
    package var run = false
    /// May read the files of its own folder.
    package var readsData = false
    /// Sockets of its own in a helper, beside what the host connects for it. Only for plugins that the operator trusts
    /// in this process, too.
    package var sockets = false
    /// MiB that it needs at most; nil = the host's default.
    package var memoryMB: Int?
    /// Threads of its own at most; nil = the host's default.
    package var threads: Int?

    /// No permission at all.
    package static let none = PluginPermissions()

    package init() {}

    /// From the manifest's object, which the schema has accepted.
    init(_ json: JSONValue) {
        net = (json["net"]?.array ?? []).compactMap(\.string)
        secrets = (json["secrets"]?.array ?? []).compactMap(\.string)
        run = json["run"]?.bool ?? false
        readsData = json["fs"]?.string == "data"
        sockets = json["sockets"]?.bool ?? false
        memoryMB = json["memory_mb"]?.int.flatMap { Int(exactly: $0) }
        threads = json["threads"]?.int.flatMap { Int(exactly: $0) }
    }

    /// The words of a listing: `run, fs data, net api.example.com`; empty without permissions.
    package var summary: String {
        var words: [String] = []
        if run { words.append("run") }
        if readsData { words.append("fs data") }
        if sockets { words.append("sockets") }
        words += net.map { "net \($0)" } + secrets.map { "secret \($0)" }
        if let memoryMB { words.append("\(memoryMB) MiB") }
        if let threads { words.append("\(threads) threads") }
        return words.joined(separator: ", ")
    }
}
