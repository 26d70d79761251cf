// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct JSONValueTests {
    @Test(arguments: validTexts)
    func `a valid text becomes its value`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: invalidTexts)
    func `an invalid text is refused with its line and column`(text: String, place: String) {
        let error = #expect(throws: SyrinxError.self) { try JSONValue(parsing: text) }
        #expect(error?.code == "json.invalid")
        #expect(error?.place == place, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xEF, 0xBB, 0xBF, 0x31],
    ])
    func `bytes that are not UTF-8 or start with a byte order mark are refused`(bytes: [UInt8]) {
        #expect(throws: SyrinxError.self) { try JSONValue(parsing: bytes) }
    }

    @Test func `nesting is taken up to the limit and refused one deeper`() throws {
        let open = String(repeating: "[", count: 32)
        let close = String(repeating: "]", count: 32)
        _ = try JSONValue(parsing: open + close)
        let error = #expect(throws: SyrinxError.self) { try JSONValue(parsing: "[" + open + close + "]") }
        #expect(error?.place == "1:33")
        let bomb = String(repeating: "[{\"a\":", count: 150_000)
        #expect(throws: SyrinxError.self) { try JSONValue(parsing: bomb) }
    }

    @Test func `a text of one mebibyte is taken and one byte more is refused`() throws {
        let text = "\"" + String(repeating: "a", count: (1 << 20) - 2) + "\""
        #expect(try JSONValue(parsing: text).string?.utf8.count == (1 << 20) - 2)
        #expect(throws: SyrinxError.self) { try JSONValue(parsing: text + " ") }
    }

    @Test func `a mebibyte of escapes, of numbers and of keys is parsed in linear time`() throws {
        let escapes = "\"" + String(repeating: "\\n", count: 500_000) + "\""
        #expect(try JSONValue(parsing: escapes).string?.utf8.count == 500_000)
        let numbers = "[" + String(repeating: "1,", count: 500_000) + "1]"
        #expect(try JSONValue(parsing: numbers).array?.count == 500_001)
        let keys = "{" + (0..<60_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try JSONValue(parsing: keys).object?.count == 60_000)
    }

    @Test func `the text is compact, sorted and reads back as the same value`() throws {
        let value: JSONValue = [
            "b": [1, 2.5, nil, true], "a": "line\n\"quote\" \\ tab\t bell\u{07} é 😀", "c": [:], "big": .int(.max),
        ]
        #expect(
            value.text
                == #"{"a":"line\n\"quote\" \\ tab\t bell\u0007 é 😀","b":[1,2.5,null,true],"big":9223372036854775807,"c":{}}"#
        )
        #expect(try JSONValue(parsing: value.text) == value)
        #expect(JSONValue.double(.infinity).text == "null")
    }

    @Test func `a text that is written as it is made says the same`() throws {
        var json = JSONWriter()
        json.object { json in
            json.member("text", "a \"b\",")
            json.member("number", 1)
            json.array("list", [[1, 2], []]) { json, inner in
                json.array(nil, inner) { json, number in json.object { $0.member("n", number) } }
            }
            json.object("empty") { _ in }
            json.member("half", 0.5)
            json.member("flag", true)
        }
        let value: JSONValue = [
            "text": "a \"b\",", "number": 1, "list": [[["n": 1], ["n": 2]], []], "empty": [:], "half": 0.5,
            "flag": true,
        ]
        #expect(try JSONValue(parsing: json.text) == value)
    }

    @Test func `a value inside a Codable type is the JSON it stands for`() throws {
        let value: JSONValue = ["a": [1, 2.5, "x", nil, true], "b": ["c": .int(.min)]]
        let data = try JSONEncoder().encode(value)
        #expect(try JSONValue(parsing: data) == value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
    }

    @Test func `accessors answer for their own kind only`() throws {
        let value = try JSONValue(parsing: #"{"s":"x","i":3,"d":2.0,"f":2.5,"b":false,"a":[1],"n":null}"#)
        #expect(value["s"]?.string == "x")
        #expect(value["i"]?.int == 3 && value["i"]?.double == 3)
        #expect(value["d"]?.int == 2 && value["f"]?.int == nil)
        #expect(value["b"]?.bool == false && value["s"]?.bool == nil)
        #expect(value["a"]?[0] == 1 && value["a"]?[1] == nil && value["a"]?[-1] == nil)
        #expect(value["n"]?.isNull == true && value["missing"] == nil)
    }

    @Test func `three thousand seeded mutations of a text never trap`() {
        let seedText = Array(
            #"{"type":"say","text":"caf\u00e9 😀","n":[-1.5e3,0,9007199254740993],"x":{"y":null}}"#.utf8
        )
        var random = SplitMix64(seed: 7)
        for _ in 0..<3_000 {
            var bytes = seedText
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch UInt8.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = .random(in: .min ... .max, using: &random)
                case 1: bytes.removeSubrange(index...)
                default: bytes.insert(seedText.randomElement(using: &random) ?? 0, at: index)
                }
                if bytes.isEmpty { bytes = [0x7B] }
            }
            if let value = try? JSONValue(parsing: bytes) {
                #expect((try? JSONValue(parsing: value.text)) == value)
            }
        }
    }
}

private let validTexts: [(String, JSONValue)] = [
    ("null", nil), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
    ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
    ("9223372036854775808", 9223372036854775808.0),
    ("1.0", 1.0), ("1e3", 1000.0), ("-2.5E-2", -0.025), ("\"\"", ""),
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{08}\u{0C}\n\r\t"),
    (#""\u00e9\uD83D\ude00""#, "é😀"), ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"), (#""\u0000""#, "\0"),
    ("[]", []), ("[ ]", []), ("{ }", [:]), ("[1,[2]]", [1, [2]]),
    ("\t{\"a\" : 1 ,\r\n\"b\":[ ]}\n", ["a": 1, "b": []]),
    (#"{"":1}"#, ["": 1]),
]

private let invalidTexts: [(String, String)] = [
    ("", "1:1"), ("  ", "1:3"), ("nul", "1:1"), ("True", "1:1"), ("nan", "1:1"), ("Infinity", "1:1"), ("1 2", "1:3"),
    ("01", "1:1"), ("-01", "1:1"), ("-", "1:2"), ("+1", "1:1"), (".5", "1:1"), ("1.", "1:3"), ("1.e1", "1:3"),
    ("1e", "1:3"),
    ("1e+", "1:4"), ("0x10", "1:2"), ("1e999", "1:1"), ("'a'", "1:1"), ("\"a", "1:1"), ("\"a\nb\"", "1:3"),
    (#""\x""#, "1:2"),
    (#""\u12""#, "1:2"), (#""\uD800""#, "1:2"), (#""\uDC00""#, "1:2"), (#""\uD800\n""#, "1:2"),
    (#""\uD800\uD800""#, "1:2"),
    (#""\"#, "1:2"), ("[1,]", "1:4"), ("[1", "1:3"), ("[1 2]", "1:4"), ("{\"a\"}", "1:5"), ("{a:1}", "1:2"),
    ("{\"a\":1,}", "1:8"), ("{\"a\":1\n,\"a\":2}", "2:2"), ("[\n  1,\n  é]", "3:3"), ("// c\n1", "1:1"),
    ("[\"é\" x]", "1:6"),
    ("]", "1:1"), ("{\"a\":}", "1:6"),
]
