// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import Testing

@testable import SyrinxRuntime

/// Which options a session's voice gets.
@Suite("Voices", .tags(.unit)) struct VoiceOptionsTests {
    private func voices(_ voices: [String: JSONValue]) throws -> VoiceOptions {
        var plan = StagePlan(.tts, ProviderReference(id: "x"), options: ["voice": "sam", "speed": 1])
        plan.voices = voices
        return try VoiceOptions(plan) { options throws(SyrinxError) in options }
    }

    private func voice(_ language: String, _ given: [String: JSONValue]) throws -> JSONValue? {
        try voices(given).options(for: language)?["voice"]
    }

    @Test func `the closest language is taken`() throws {
        let given: [String: JSONValue] = [
            "de": ["voice": "anna"], "de-AT": ["voice": "sissi"], "en-GB": ["voice": "bob"], "en-US": ["voice": "al"],
        ]
        #expect(try voice("de", given) == "anna")
        #expect(try voice("de-CH", given) == "anna")
        #expect(try voice("DE-at", given) == "sissi")
        #expect(try voice("de-AT-1996", given) == "sissi")
        #expect(try voice("en", given) == "bob")
        #expect(try voice("fr", given) == nil)
        #expect(try voice("", given) == nil)
        #expect(try voice("den", given) == nil)
    }

    @Test func `options are laid over the stage's, the language's last`() throws {
        let given: [String: JSONValue] = ["de": ["voice": "anna"], "default": ["speed": 2, "voice": "carl"]]
        #expect(try voices(given).options(for: "de") == ["voice": "anna", "speed": 2])
        #expect(try voices(given).options(for: "fr") == ["voice": "carl", "speed": 2])
        #expect(try voices([:]).options(for: "de") == nil)
        #expect(try voices(["de": ["voice": "anna"]]).options(for: "de") == ["voice": "anna", "speed": 1])
    }

    @Test func `options that the provider does not take are refused`() {
        var plan = StagePlan(.tts, ProviderReference(id: "x"))
        plan.voices = ["de": ["voice": 7]]
        #expect(throws: SyrinxError.self) {
            _ = try VoiceOptions(plan) { options throws(SyrinxError) in
                throw SyrinxError("plugin.config_invalid", "no")
            }
        }
    }
}
