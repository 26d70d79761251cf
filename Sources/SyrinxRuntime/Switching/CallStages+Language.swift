// SPDX-License-Identifier: Apache-2.0

internal import SyrinxConversation
internal import SyrinxCore
internal import SyrinxHost

extension CallStages {
    /// - Throws: `language.invalid`, `profile.language_unsupported`.
    func check(language: String) throws(SyrinxError) {
        guard LanguageTag.isValid(language) else {
            throw SyrinxError(
                "language.invalid", "`\(language.prefix(64))` is no tag of a language",
                fix: "write it as `en` or `de-AT`", place: "$.language")
        }
        try opener?.setup.prepared.checkLanguage(language)
    }

    /// Stages that are opened from here on are for this language.
    mutating func use(language: String) {
        self.language = language
        opener?.setup.request.language = language
        stale = Set([PluginKind.stt, .tts].filter { chains[$0] != nil })
        renewTurnStage()
    }

    func isStale(_ kind: PluginKind) -> Bool { stale.contains(kind) }

    /// The same provider once more, for the language of now.
    /// - Returns: false when it cannot be had; the old session serves.
    mutating func renew(_ kind: PluginKind) -> Bool {
        stale.remove(kind)
        return switchOver(kind, toAnother: false) != nil
    }

    /// It owes nothing that would be missed: a judgement that does not come is not waited for.
    private mutating func renewTurnStage() {
        guard let opener, let old = turn, let stage = opener.setup.prepared.turn,
            let new = try? opener.open(stage, input: old.inputRate)
        else { return }
        turn = new
        old.close {}
    }
}
