// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import Testing

/// What is not said of the agent's text, and what is said otherwise.
@Suite struct WordingConfigTests {
    private static let file = """
        profiles:
          base: { speech: { pronunciation: { SQL: sequel, gif: jif } } }
          front:
            extends: base
            speech: { filters: [urls], pronunciation: { gif: gif, "Dr. Xu": doctor shoe } }
        tenants:
          acme: { pronunciation: { SQL: squeal, Acme: ack me } }
        """

    @Test func `words are laid over one by one, the tenant's last`() throws {
        let configuration = try parse(Self.file)
        let tenant = try #require(configuration.tenants["acme"])
        let own = try #require(configuration.overlay(for: "front")).profile.speech
        #expect(own.filters == [.urls])
        #expect(own.pronunciation == ["SQL": "sequel", "gif": "gif", "Dr. Xu": "doctor shoe"])
        let theirs = try #require(configuration.overlay(for: "front", tenant: tenant)).profile.speech
        #expect(theirs.filters == [.urls])
        #expect(
            theirs.pronunciation == ["SQL": "squeal", "gif": "gif", "Dr. Xu": "doctor shoe", "Acme": "ack me"])
    }

    @Test(arguments: ["\" a\"", "\"a \"", "\"a\\nb\"", "\"\"", "\"" + String(repeating: "a", count: 101) + "\""])
    func `a word that could never match is refused at its place`(word: String) {
        let text = "profiles: { a: { speech: { pronunciation: { \(word): b } } } }"
        #expect(headlines(text).count == 1)
    }

    @Test func `a word needs something to be said, and a filter a name that there is`() {
        #expect(headlines("profiles: { a: { speech: { pronunciation: { a: \"\" } } } }").count == 1)
        #expect(headlines("profiles: { a: { speech: { filters: [html] } } }").count == 1)
        #expect(headlines("profiles: { a: { speech: { filters: [] } } }").isEmpty)
    }
}
