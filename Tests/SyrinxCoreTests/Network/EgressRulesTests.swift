// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyrinxCore

@Suite(.tags(.unit)) struct EgressRulesTests {
    @Test(arguments: [
        ("api.example.com", "https://api.example.com/x", true), ("api.example.com", "wss://api.example.com:8443", true),
        ("api.example.com", "http://api.example.com/", false), ("api.example.com", "ws://api.example.com/", false),
        ("api.example.com", "https://example.com/", false), ("api.example.com", "https://x.api.example.com/", false),
        ("API.example.com", "https://api.EXAMPLE.com/", true),
        ("*.example.com", "https://a.b.example.com/", true), ("*.example.com", "https://example.com/", false),
        ("*.example.com", "https://badexample.com/", false),
        ("api.example.com:8443", "https://api.example.com:8443/", true),
        ("api.example.com:8443", "https://api.example.com/", false),
        ("wss://h", "wss://h/any", true), ("wss://h", "https://h/any", true), ("wss://h", "ws://h/", false),
        ("wss://h", "wss://h:444/", false), ("ws://127.0.0.1:9", "ws://127.0.0.1:9/x", true),
        ("ws://127.0.0.1:9", "http://127.0.0.1:9/x", true), ("ws://127.0.0.1:9", "wss://127.0.0.1:9/x", false),
        ("https://h/v1", "https://h/v1", true), ("https://h/v1", "https://h/v1?a=b", true),
        ("https://h/v1", "https://h/v1/x", true), ("https://h/v1/", "https://h/v1/x", true),
        ("https://h/v1", "https://h/v10", false), ("https://h/v1", "https://h/", false),
        ("https://h/v1", "https://h/v1/../admin", false), ("https://h/v1", "https://h/v1/%2e%2E/admin", false),
        ("https://h/v1", "https://h/v1/.%2e/admin", false), ("https://h/v1", "https://h/V1/x", false),
    ])
    func `a pattern matches what it names`(pattern: String, url: String, expected: Bool) throws {
        let pattern = try #require(EgressPattern(pattern))
        let url = try #require(NetworkURL(url))
        #expect(pattern.matches(url) == expected)
        #expect(EgressRules(origins: [pattern]).allow(url) == expected)
    }

    @Test func `without patterns nothing is allowed`() throws {
        #expect(!EgressRules().allow(try #require(NetworkURL("https://h/"))))
    }

    @Test(arguments: ["", "ftp://h", "https://", "*.", "*", "a b", "https://user@h", "h:99999"])
    func `what is no pattern is refused`(text: String) {
        #expect(EgressPattern(text) == nil)
    }
}
