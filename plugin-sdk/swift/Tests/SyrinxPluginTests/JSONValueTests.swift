// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import Testing

@Suite("JSON values")
struct JSONValueTests {
    static let texts: [(String, JSONValue)] = [
        ("null", .null), (" true ", true), ("-0", 0), ("9223372036854775807", .int(.max)), ("1.5e1", 15.0),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1e999", .double(.greatestFiniteMagnitude)),
        ("-1e999", .double(-.greatestFiniteMagnitude)), (#""a\n\u00e9\ud83d\ude00""#, "a\né😀"),
        (#""\ud800x\udc00""#, "\u{FFFD}x\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"), ("[]", []), ("{}", [:]),
        (#"{"a":1,"a":[2,{"b":null}]}"#, ["a": [2, ["b": .null]]]),
    ]

    @Test(arguments: texts) func `read what is JSON`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: value.text) == value)
    }

    @Test(arguments: [
        "", "nul", "01", "1.", "+1", ".5", "NaN", "[1,]", "{\"a\"}", "{a:1}", "\"", "\"\\x\"", "\"\\u12\"",
        "\"\u{01}\"",
        "1 2", "[1", "{\"a\":1", "tru\u{65}x",
    ])
    func `refuse what is not`(text: String) {
        #expect(throws: PluginError.self) { try JSONValue(parsing: text) }
    }

    @Test func `repair broken characters, and bear with depth and length`() throws {
        #expect(try JSONValue(parsing: [0x22, 0x61, 0xFF, 0x22]) == "a\u{FFFD}")
        #expect(throws: PluginError.self) { try JSONValue(parsing: String(repeating: "[", count: 100_000)) }
        #expect(throws: PluginError.self) { try JSONValue(parsing: "[1,2]", maximumBytes: 4) }
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try JSONValue(parsing: deep).text == deep)
    }

    @Test func `survive any bytes`() {
        let alphabet = Array("{}[]\",:\\u0dE+-.tfn 9é".utf8) + [0xFF, 0x00, 0xC3]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...30)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            if let value = try? JSONValue(parsing: bytes) { #expect((try? JSONValue(parsing: value.text)) == value) }
        }
    }

    @Test func `give what is asked of them, or nothing`() {
        let value: JSONValue = ["a": ["x", 3.0, 2.5, true], "b": .null]
        #expect(value["a"]?[0]?.string == "x" && value["a"]?[1]?.int == 3 && value["a"]?[2]?.int == nil)
        #expect(value["a"]?[2]?.double == 2.5 && value["a"]?[3]?.bool == true && value["a"]?[4] == nil)
        #expect(value["b"]?.isNull == true && value["c"] == nil && value[0] == nil && value["a"]?["x"] == nil)
        #expect(value["a"]?.array?.count == 4 && value.object?.count == 2 && value.array == nil)
    }

    @Test func `stand inside of other types`() throws {
        struct Config: Decodable {
            var extra: JSONValue
        }
        let text = #"{"extra":{"a":[1,2.5,"x",true,null]}}"#
        #expect(try JSON.decode(Config.self, from: text).extra == ["a": [1, 2.5, "x", true, .null]])
    }
}
