// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxHost
import Testing

@Suite("What a provider says it can do") struct CapabilitiesTests {
    private func capabilities(_ text: String) throws -> Capabilities { Capabilities(try JSONValue(parsing: text)) }

    @Test func `who speaks a language speaks its variants`() throws {
        let english = try capabilities(#"{"languages":["en-us","de"]}"#)
        #expect(english.speaks("en") && english.speaks("EN-gb") && english.speaks("de-AT"))
        #expect(!english.speaks("fr"))
        #expect(try capabilities(#"{"languages":["*"]}"#).speaks("fr"))
        #expect(try capabilities("{}").speaks("fr"))
    }

    @Test func `an unsupported rate becomes the next one above, so that nothing is lost`() throws {
        let tts = try capabilities(#"{"formats":[{"format":"s16","rates":[16000,24000]}]}"#)
        #expect(tts.rate(preferring: 24_000) == 24_000)
        #expect(tts.rate(preferring: 8000) == 16_000)
        #expect(tts.rate(preferring: 48_000) == 24_000)
        #expect(try capabilities("{}").rate(preferring: 44_100) == 44_100)
    }

    @Test func `a hangover that makes no sense is bounded`() throws {
        #expect(try capabilities(#"{"hangover_ms":140}"#).hangover == .milliseconds(140))
        #expect(try capabilities(#"{"hangover_ms":-5}"#).hangover == .zero)
        #expect(try capabilities(#"{"hangover_ms":99999}"#).hangover == .seconds(1))
    }

    @Test func `audio is given to those that ask for it`() throws {
        #expect(try !capabilities("{}").wantsAudio)
        #expect(try capabilities(#"{"audio":"continuous"}"#).wantsAudio)
        let utterances = try capabilities(#"{"audio":"utterance"}"#)
        #expect(utterances.wantsAudio && utterances.wantsUtterancesOnly)
    }
}
