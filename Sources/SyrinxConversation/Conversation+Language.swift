// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// The caller's language changes in the middle of a conversation. What is being said is said to its end.
extension Conversation {
    mutating func changeLanguage(_ language: String, source: LanguageSource) {
        guard options.pipeline != .loopback, language != options.language else { return }
        let old = options.language
        abandonSpeculation()
        options.language = language
        lexicon = Lexicon(language: language)
        languageSense.reset()
        emit(.useLanguage(language))
        emit(.languageChanged(language: language, from: old, source: source))
    }

    /// Something is being said, or was asked to be.
    package var isSpeechOpen: Bool { queue.current != nil }

    /// What the recogniser says of the language of the utterance whose text comes next.
    mutating func heardLanguage(_ tag: String, words: Int) {
        guard let language = languageSense.heard(tag, words: words, current: options.language) else { return }
        changeLanguage(language, source: .detected)
    }
}
