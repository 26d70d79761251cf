// SPDX-License-Identifier: Apache-2.0

package import SyrinxConversation
package import SyrinxCore
internal import SyrinxHost

/// The language changes in the middle of a call. The agent is told with its next prompt. Recogniser and voice are opened
/// again for the language, each when it has nothing to finish; a model that does without them is told in another session
/// of it. What cannot be had in the language stays as it was.
extension CallSession {
    /// - Throws: `language.invalid`, `profile.language_unsupported`.
    package func change(language: String, source: LanguageSource = .requested) throws(SyrinxError) {
        try stages.check(language: language)
        submit(.changeLanguage(language, source: source))
    }

    /// Whether an input may reach the conversation: the stages must be able to do what it leads to.
    func mayTake(_ input: Input) -> Bool {
        guard case .changeLanguage(let language, _) = input else { return true }
        do {
            try stages.check(language: language)
            return true
        } catch {
            announce(error.message, code: error.code)
            return false
        }
    }

    func use(language: String) {
        stages.use(language: language)
        renewRecogniserIfFree()
        if !conversation.isSpeechOpen { renewVoice() }
        renewSpeaker()
        // A model that is on its way was told of the old one.
        incoming?.current.historyChanges = -1
    }

    /// Before an utterance begins, and after its text has come: no words are lost.
    /// - Parameter isBeginning: what it did not hear of the utterance is given to it.
    func renewRecogniserIfFree(isBeginning: Bool = false) {
        guard stages.isStale(.stt), utterance == 0, requests.utterances.isEmpty else { return }
        renew(.stt)
        if isBeginning { stages.sttIsNew = true }
    }

    /// Before the first clause of a speech is asked for: the one before it has ended.
    func renewVoice() {
        guard stages.isStale(.tts) else { return }
        renew(.tts)
    }

    private func renew(_ kind: PluginKind) {
        guard stages.renew(kind) else {
            return announce(
                "\(kind.name): it cannot be had for `\(stages.language)`, and goes on as it was", code: "language.kept")
        }
    }

    /// A recogniser may say in which language an utterance was.
    func noteLanguage(_ event: StageEvent, words: String) {
        guard conversation.options.languages != nil, let tag = event.language, LanguageTag.isValid(tag) else { return }
        submit(.languageHeard(tag, words: words.split(whereSeparator: \.isWhitespace).count))
    }

    // MARK: the agent's own wish

    /// The tools that the agent is told of.
    var toolDescriptions: [ToolDescription] {
        let given = stages.toolDescriptions
        guard let languages = conversation.options.languages, !languages.isEmpty,
            !given.contains(where: { $0.name == LanguageTool.name })
        else { return given }
        return given + [LanguageTool.description(languages)]
    }

    /// - Returns: false when it is another tool.
    func runLanguageTool(generation: UInt64, call: UInt64, name: String, arguments: String) -> Bool {
        guard name == LanguageTool.name, tools[name] == nil, let languages = conversation.options.languages,
            !stages.toolDescriptions.contains(where: { $0.name == name })
        else { return false }
        let wanted = (try? JSONValue(parsing: arguments))?["language"]?.string ?? ""
        if languages.contains(wanted) {
            submit(.changeLanguage(wanted, source: .agent))
            let text = "The language is now \(wanted)."
            submit(.toolResult(generation: generation, call: call, text: text, failed: false))
        } else {
            let text = "`language` must be one of \(languages.joined(separator: ", "))"
            submit(.toolResult(generation: generation, call: call, text: text, failed: true))
        }
        return true
    }
}

/// What an agent changes the language with, where the profile names those that may be spoken.
enum LanguageTool {
    static let name = "switch_language"

    static func description(_ languages: [String]) -> ToolDescription {
        ToolDescription(
            name: name,
            about: "Changes the language in which the caller is understood and answered. "
                + "Use it when the caller asks for another language, then go on in that language.",
            parameters: [
                "type": "object", "required": ["language"],
                "properties": [
                    "language": ["type": "string", "enum": .array(languages.map(JSONValue.string))]
                ],
            ])
    }
}
