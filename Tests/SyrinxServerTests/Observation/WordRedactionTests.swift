// SPDX-License-Identifier: Apache-2.0

import SyrinxServer
import Testing

@Suite("Words without numbers and addresses", .tags(.integration))
struct WordRedactionTests {
    private static let all: WordRedaction = [.numbers, .emails]

    @Test(arguments: [
        ("my card is 4111 1111 1111 1111, thanks", "my card is [number], thanks"),
        ("call +49 (30) 123-456.", "call [number]."),
        ("it is four one one one double two", "it is [number]"),
        ("Twenty-one forty-two nineteen", "[number]"),
        ("DE89370400440532013000", "[number]"),
        ("my pin is 1234567", "my pin is [number]"),
        ("١٢٣٤٥٦ bitte", "[number] bitte"),
        ("write to Bob@example.org, please", "write to [email], please"),
        ("it is bob at mail dot example dot org okay", "it is [email] okay"),
        ("bob@example.org 123456", "[email] [number]"),
        ("bob@example.org,ann@example.org;", "[email],[email];"),
        ("I am Bob dot Smith underscore junior at my dash mail dot example dot org, yes", "I am [email], yes"),
        ("1,000,000", "[number]"),
    ])
    func `what tells too much is taken out`(text: String, redacted: String) {
        #expect(Self.all.redacted(text) == redacted)
    }

    @Test(arguments: [
        "", " ", "a table for four people on Friday at seven", "room 12345", "one two three four five", "at 10:30",
        "meet me at the dot", "dot", "a dot b at c", "a dot at", "at", "well, a;b", "@ home",
        "one, and 2 and 3 and 4 and 5 and 6", "\u{301}\u{200D}", "👨‍👩‍👧‍👦 café",
    ])
    func `all else stays as it was, to the byte`(text: String) {
        #expect(Array(Self.all.redacted(text).utf8) == Array(text.utf8))
    }

    @Test func `only what was asked for is taken out`() {
        let text = "123456 bob@example.org"
        #expect(WordRedaction.numbers.redacted(text) == "[number] bob@example.org")
        #expect(WordRedaction.emails.redacted(text) == "123456 [email]")
        #expect(WordRedaction().redacted(text) == text)
    }
}
