// SPDX-License-Identifier: Apache-2.0

import SyrinxConversation
import SyrinxCore
import SyrinxTestKit
import Testing

/// The language changes in the middle of a conversation.
@Suite struct LanguageTests {
    private func scene(_ languages: [String]?) -> Scenario {
        Scenario { $0.languages = languages }
    }

    private func changes(_ scene: Scenario) -> [String] {
        scene.events.compactMap {
            if case .languageChanged(let language, let old, let source) = $0 {
                "\(old) -> \(language), \(source.rawValue)"
            } else {
                nil
            }
        }
    }

    @Test func `who asks gets another language, and the event once`() {
        let scene = scene(nil)
        scene.give(.changeLanguage("de-AT", source: .requested))
        scene.give(.changeLanguage("de-AT", source: .requested))
        #expect(changes(scene) == ["en -> de-AT, requested"])
        #expect(scene.record.contains { $0.action == .useLanguage("de-AT") })
        #expect(scene.conversation.options.language == "de-AT")
    }

    @Test func `a backchannel is one of the new language`() {
        let scene = scene(nil)
        scene.give(.changeLanguage("de", source: .requested))
        #expect(Lexicon(language: "de").isBackchannel("genau"))
        scene.caller.types("erzähl mir was")
        scene.agent.answers("Es war einmal ein König, der hatte drei Töchter und ein großes Schloss am Meer.")
        scene.pass(.seconds(2))
        scene.transcribes = ("genau", .milliseconds(50))
        scene.caller.speaks(.milliseconds(500))
        scene.caller.isSilent(.seconds(1))
        #expect(scene.events.contains { if case .interruptionConfirmed = $0 { true } else { false } } == false)
    }

    @Test func `two utterances in a row are a change, one name is none`() {
        let scene = scene(["en", "de", "fr"])
        scene.give(.languageHeard("de", words: 2))
        scene.give(.languageHeard("en", words: 4))
        scene.give(.languageHeard("de-DE", words: 2))
        #expect(changes(scene).isEmpty)
        scene.give(.languageHeard("de", words: 2))
        #expect(changes(scene) == ["en -> de, detected"])
    }

    @Test func `one utterance of several words is enough`() {
        let scene = scene(["en", "de"])
        scene.give(.languageHeard("de", words: 6))
        #expect(changes(scene) == ["en -> de, detected"])
    }

    @Test(arguments: [nil, ["en"], ["en", "fr"]] as [[String]?])
    func `a language that is not allowed is not taken`(_ languages: [String]?) {
        let scene = scene(languages)
        for _ in 1...5 { scene.give(.languageHeard("de", words: 9)) }
        #expect(changes(scene).isEmpty)
    }

    @Test func `silence and two different languages decide nothing`() {
        let scene = scene(["en", "de", "fr"])
        for tag in ["de", "fr", "de", "fr"] { scene.give(.languageHeard(tag, words: 1)) }
        for _ in 1...3 { scene.give(.languageHeard("de", words: 0)) }
        #expect(changes(scene).isEmpty)
    }
}
