// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyrinxCore

@Suite(.tags(.unit)) struct PatternTests {
    @Test(arguments: [
        ("", "anything", true), ("a|b", "xbx", true), ("^(a|bc)*$", "abcbc", true), ("^(a|bc)*$", "abcb", false),
        ("^a{2,3}$", "aa", true), ("^a{2,3}$", "aaaa", false), ("^a{2}$", "aa", true), ("^a{2,}$", "aaaaa", true),
        ("^[^a-c]+$", "xyz", true), ("^[^a-c]+$", "xaz", false), ("^[\\w.-]+@[\\w.-]+$", "me@example.org", true),
        ("^\\d+(\\.\\d+)?$", "3.14", true), ("^\\d+(\\.\\d+)?$", "3.", false), ("^.$", "😀", true), ("^.$", "\n", false),
        ("^\\S+$", "a b", false), ("^[\\S\\n]+$", "a\nb", true), ("^\\u00e9\\x41$", "éA", true),
        ("^https?://", "http://x", true),
        ("^a*?b$", "aab", true), ("^(?:ab)+$", "abab", true), ("^[]-a]$", "x", false), ("^[a-]$", "-", true),
        ("^()*$", "", true),
    ])
    func `a pattern matches as ECMAScript defines it`(pattern: String, text: String, expected: Bool) throws {
        #expect(try Pattern(pattern).matches(text) == expected)
    }

    @Test(arguments: [
        "(", ")", "[a", "*", "a**", "a{2,1}", "a{", "\\", "(?=a)", "(?<n>a)", "\\b", "\\1", "[b-a]", "\\u12",
        "a{1000}{1000}",
        "((){999}){999}", String(repeating: "(", count: 40),
    ])
    func `an expression outside the subset is refused`(pattern: String) {
        #expect(throws: SyrinxError.self) { try Pattern(pattern) }
    }

    @Test func `expressions that make backtracking engines explode stay linear`() throws {
        let text = String(repeating: "a", count: 8_000) + "!"
        for source in ["^(a+)+$", "^(a|a)*$", "^(a*)*b$", "a*a*a*a*a*a*b", "^(a|aa)+$"] {
            #expect(try !Pattern(source).matches(text))
        }
        #expect(try !Pattern("^a*$").matches(String(repeating: "a", count: Pattern.longestText + 1)))
    }
}
