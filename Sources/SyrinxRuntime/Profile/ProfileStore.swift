// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore
internal import SyrinxHost

/// The profiles of this host, prepared or refused, by tenant and name. Thread-safe. A replaced profile serves new
/// sessions only.
package final class ProfileStore: Sendable {
    let host: PluginHost
    struct Key: Hashable, Comparable {
        var tenant: String
        var name: String

        init(tenant: String, name: String) {
            self.tenant = tenant
            self.name = name
        }

        init(_ profile: Profile) { self.init(tenant: profile.tenant, name: profile.name) }

        static func < (left: Key, right: Key) -> Bool { (left.tenant, left.name) < (right.tenant, right.name) }
    }

    let prepared = Mutex<[Key: Result<PreparedProfile, SyrinxError>]>([:])
    /// As they were given, to be prepared again when the plugins change.
    let given = Mutex<[Key: Profile]>([:])

    init(host: PluginHost) { self.host = host }

    /// Opens a profile's providers and offers it under its name. Blocks while models load.
    @discardableResult
    package func add(_ profile: Profile) -> Result<PreparedProfile, SyrinxError> {
        let result = Result { () throws(SyrinxError) in try PreparedProfile.prepare(profile, host: host) }
        given.withLock { $0[Key(profile)] = profile }
        prepared.withLock { $0[Key(profile)] = result }
        return result
    }

    /// Profiles that are prepared, and offered only when all of them are taken over.
    package struct Candidate: Sendable {
        let given: [Key: Profile]
        let prepared: [Key: Result<PreparedProfile, SyrinxError>]

        /// Those that cannot serve, with the reason.
        package var refused: [(tenant: String, name: String, error: SyrinxError)] {
            prepared.sorted { $0.key < $1.key }.compactMap { key, result in
                if case .failure(let error) = result { (key.tenant, key.name, error) } else { nil }
            }
        }
    }

    /// Opens the providers of a whole set of profiles, beside those that serve. Blocks while models load.
    package func candidate(_ profiles: [Profile]) -> Candidate {
        let given = Dictionary(profiles.map { (Key($0), $0) }) { $1 }
        return Candidate(
            given: given,
            prepared: given.mapValues { profile in
                Result { () throws(SyrinxError) in try PreparedProfile.prepare(profile, host: host) }
            })
    }

    /// From here on these profiles, and no others.
    package func replaceAll(by candidate: Candidate) {
        given.withLock { $0 = candidate.given }
        prepared.withLock { $0 = candidate.prepared }
    }

    /// - Throws: `profile.not_found`, or why it could not be prepared.
    package func find(_ name: String, tenant: String = "default") throws(SyrinxError) -> PreparedProfile {
        guard let result = prepared.withLock({ $0[Key(tenant: tenant, name: name)] }) else {
            let names = names(of: tenant)
            throw SyrinxError(
                "profile.not_found", "there is no profile `\(name)`",
                fix: names.isEmpty ? nil : "profiles: \(names.joined(separator: ", "))")
        }
        return try result.get()
    }

    package func names(of tenant: String = "default") -> [String] {
        prepared.withLock { $0.keys.filter { $0.tenant == tenant }.map(\.name) }.sorted()
    }

    /// All of them; a tenant other than `default` stands before the name, `acme/reception`.
    package var all: [(name: String, result: Result<PreparedProfile, SyrinxError>)] {
        prepared.withLock { $0 }.sorted { $0.key < $1.key }.map { key, result in
            (key.tenant == "default" ? key.name : "\(key.tenant)/\(key.name)", result)
        }
    }

    /// The profile for a request, with the VAD and the stage options that the client chose. Blocks if a provider must
    /// be opened first.
    /// - Throws: `profile.not_found`, `session.option_refused`, `plugin.*`, `provider.*`.
    package func find(for request: CallRequest) throws(SyrinxError) -> PreparedProfile {
        let found = try find(request.profile, tenant: request.tenant)
        guard !request.options.isEmpty else { return found }
        var profile = found.profile
        for (name, text) in request.options.sorted(by: { $0.key < $1.key }) {
            if name == "vad", profile.clientMayChooseVAD {
                profile.vad = StagePlan(.vad, try ProviderReference(text))
            } else if let kind = profile.queryOptions[name] {
                try profile.set(option: name, of: kind, to: Self.value(text))
            } else {
                throw SyrinxError(
                    "session.option_refused", "profile `\(profile.name)` takes no `\(name)` from the client",
                    fix: profile.clientOptionsHelp, place: name)
            }
        }
        return try PreparedProfile.prepare(profile, host: host)
    }

    /// A query's value: a number where it is one, else text.
    private static func value(_ text: String) -> JSONValue {
        Int64(text).map(JSONValue.int) ?? Double(text).flatMap { $0.isFinite ? .double($0) : nil } ?? .string(text)
    }
}

extension Profile {
    fileprivate var clientOptionsHelp: String {
        let names = queryOptions.keys.sorted() + (clientMayChooseVAD ? ["vad"] : [])
        return names.isEmpty ? "leave it out" : "it takes \(names.joined(separator: ", "))"
    }

    fileprivate mutating func set(option: String, of kind: PluginKind, to value: JSONValue) throws(SyrinxError) {
        switch kind {
        case .stt: stt?.set(option, value)
        case .tts: tts?.set(option, value)
        case .agent: agent?.set(option, value)
        case .s2s: s2s?.set(option, value)
        default: break
        }
    }
}

extension StagePlan {
    fileprivate mutating func set(_ option: String, _ value: JSONValue) {
        var all = options.object ?? [:]
        all[option] = value
        options = .object(all)
        // What a client chooses goes before what its language has.
        voices = voices.mapValues { $0.object.map { .object($0.merging([option: value]) { $1 }) } ?? $0 }
    }
}
