// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// A stage's options for sessions in some languages, complete and checked; keys are in lower case.
struct VoiceOptions: Sendable {
    private var byLanguage: [String: JSONValue] = [:]
    private var others: JSONValue?

    init() {}

    init(_ plan: StagePlan, check: (JSONValue) throws(SyrinxError) -> JSONValue) throws(SyrinxError) {
        let common = plan.options.laid(under: plan.voices[Self.othersKey])
        for (language, options) in plan.voices.sorted(by: { $0.key < $1.key }) {
            let checked = try check(common.laid(under: options))
            if language == Self.othersKey { others = checked } else { byLanguage[language.lowercased()] = checked }
        }
    }

    /// Nil: the stage's own serve.
    ///
    /// The tag itself is taken first, then the tag without its last parts, `de` for `de-AT`; then the first by name that
    /// is of the same language.
    func options(for language: String) -> JSONValue? {
        guard !byLanguage.isEmpty else { return others }
        var parts = language.lowercased().split(separator: "-")
        guard let primary = parts.first else { return others }
        while !parts.isEmpty {
            if let options = byLanguage[parts.joined(separator: "-")] { return options }
            parts.removeLast()
        }
        let related = byLanguage.keys.filter { $0.split(separator: "-").first == primary }.min()
        return related.flatMap { byLanguage[$0] } ?? others
    }

    private static let othersKey = "default"
}

extension JSONValue {
    /// The object with the keys of another one in place of its own.
    fileprivate func laid(under other: JSONValue?) -> JSONValue {
        .object((object ?? [:]).merging(other?.object ?? [:]) { $1 })
    }
}
