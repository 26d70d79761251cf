// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct JSONSchemaTests {
    @Test(arguments: acceptedPairs)
    func `a value that fits its schema has no issues`(schema: String, value: String) throws {
        #expect(try JSONSchema(parsing: schema).validate(JSONValue(parsing: value)) == [])
    }

    @Test(arguments: refusedPairs)
    func `a value that does not fit is named with its place`(schema: String, value: String, issue: String) throws {
        let issues = try JSONSchema(parsing: schema).validate(JSONValue(parsing: value))
        #expect(issues.map(\.description) == issue.split(separator: "\n").map(String.init))
    }

    @Test(arguments: [
        #"{"type":"text"}"#, #"{"minimum":"a"}"#, #"{"enum":[]}"#, #"{"pattern":"("}"#, #"{"properties":[]}"#, "3",
        #"{"$ref":"http://x/y"}"#, ##"{"$ref":"#/$defs/nowhere"}"##, #"{"required":"a"}"#, #"{"multipleOf":0}"#,
        #"{"anyOf":[]}"#, #"{"maxLength":-1}"#, "{",
    ])
    func `a senseless schema is refused when it is read`(schema: String) {
        #expect(throws: SyrinxError.self) { try JSONSchema(parsing: schema) }
    }

    @Test func `defaults are filled through properties, items, references and forms`() throws {
        let schema = try JSONSchema(
            parsing: #"""
                {"type":"object","properties":{"speed":{"type":"number","default":1},"voice":{"$ref":"#/$defs/voice"},
                 "stops":{"type":"array","items":{"type":"object","properties":{"at":{"default":"end"}}}},
                 "mode":{"oneOf":[{"type":"string"},{"type":"object","properties":{"depth":{"default":3}}}]},
                 "made":{"type":"object","default":{},"properties":{"inner":{"default":true}}}},
                 "$defs":{"voice":{"type":"object","properties":{"name":{"type":"string","default":"slt"}}}}}
                """#
        )
        let filled = schema.fillingDefaults(["voice": [:], "stops": [[:], ["at": "start"]], "mode": ["x": 1]])
        #expect(
            filled == [
                "speed": 1, "voice": ["name": "slt"], "stops": [["at": "end"], ["at": "start"]],
                "mode": ["x": 1, "depth": 3], "made": ["inner": true],
            ]
        )
        #expect(schema.fillingDefaults(["speed": 2]) == ["speed": 2, "made": ["inner": true]])
    }

    @Test func `secrets are found and never stand in a message`() throws {
        let schema = try JSONSchema(
            parsing: #"""
                {"type":"object","properties":{"api_key":{"type":"string","x-secret":true,"pattern":"^sk-"},
                 "pin":{"type":"string","x-secret":true,"enum":["abcd"]},
                 "keys":{"type":"array","items":{"$ref":"#/$defs/key"}},"url":{"type":"integer"}},
                 "$defs":{"key":{"type":"object","properties":{"value":{"x-secret":true}}}}}
                """#
        )
        #expect(Set(schema.secretPaths.map(\.description)) == ["$.api_key", "$.pin", "$.keys[*].value"])
        let value: JSONValue = ["api_key": "hunter2", "pin": "abce", "url": "hunter2"]
        let messages = schema.validate(value, hiding: [.root.key("url")]).map(\.description).joined()
        #expect(!messages.contains("hunter2") && !messages.contains("abce") && !messages.contains("did you mean"))
        #expect(messages.contains("hidden"))
    }

    @Test func `a schema that refers to itself takes a tree and cannot loop forever`() throws {
        let tree = try JSONSchema(
            parsing: ##"{"type":"object","properties":{"next":{"$ref":"#"}},"additionalProperties":false}"##
        )
        #expect(tree.validate(["next": ["next": ["next": [:]]]]).isEmpty)
        #expect(tree.validate(["next": ["nxt": 1]]).map(\.path.description) == ["$.next.nxt"])
        let loop = try JSONSchema(parsing: ##"{"allOf":[{"$ref":"#"},{"$ref":"#"}]}"##)
        #expect(!loop.validate(1).isEmpty)
        #expect(loop.fillingDefaults([:]) == [:])
        #expect(loop.secretPaths.isEmpty)
    }

    @Test func `of a list those elements fit that are valid, up to the most it takes`() throws {
        let schema = try JSONSchema(
            parsing: #"{"properties":{"a":{"maxItems":2,"items":{"type":"string","maxLength":3}},"b":{}}}"#)
        #expect(schema.fitting(["one", "three", 7, "two", "six"], in: "a") == ["one", "two"])
        #expect(schema.fitting(["one", 7], in: "b") == ["one", 7])
        #expect(schema.fitting([7], in: "c") == [7])
    }

    @Test func `the closest word is suggested, a distant one is not`() {
        let words = ["max_sessions", "idle_timeout", "tts", "stt"]
        #expect(DidYouMean.suggestion(for: "max_sesions", among: words) == "max_sessions")
        #expect(DidYouMean.suggestion(for: "idle-timeout", among: words) == "idle_timeout")
        #expect(DidYouMean.suggestion(for: "st", among: words) == "stt")
        #expect(DidYouMean.suggestion(for: "colour", among: words) == nil)
        #expect(DidYouMean.suggestion(for: String(repeating: "a", count: 5_000), among: words) == nil)
    }
}

private let acceptedPairs: [(String, String)] = [
    ("true", "1"), ("{}", "[1]"), (#"{"type":"integer"}"#, "2.0"), (#"{"type":["null","string"]}"#, "null"),
    (#"{"enum":[1,"a"]}"#, "1.0"), (#"{"const":{"a":[1.0]}}"#, #"{"a":[1]}"#), (#"{"multipleOf":0.1}"#, "0.3"),
    (#"{"minimum":1,"exclusiveMaximum":2}"#, "1"), (#"{"type":"string","minLength":1,"maxLength":1}"#, #""😀""#),
    (#"{"pattern":"^[a-z]{2}(-[A-Z]{2})?$"}"#, #""de-AT""#), (#"{"pattern":"b"}"#, #""abc""#),
    (#"{"pattern":"b"}"#, "3"),
    (#"{"uniqueItems":true}"#, "[1,2]"), (#"{"items":{"type":"string"},"minItems":1}"#, #"["a"]"#),
    (#"{"oneOf":[{"type":"string"},{"type":"object"}]}"#, "{}"), (#"{"anyOf":[{"minimum":2},{"maximum":1}]}"#, "3"),
    (#"{"properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}}"#, #"{"a":"x","b":1}"#),
    (#"{"patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false}"#, #"{"x-a":1}"#),
    (##"{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"type":"integer"}}}"##, "7"), (#"{"unheard-of":1}"#, "1"),
]

private let refusedPairs: [(String, String, String)] = [
    ("false", "1", "$: no value is allowed here"),
    (#"{"type":"number"}"#, #""fast""#, #"$: expected a number, found "fast""#),
    (#"{"type":"integer"}"#, "2.5", "$: expected a whole number, found `2.5`"),
    (#"{"type":["integer","null"]}"#, "[1,2]", "$: expected a whole number or null, found a list of 2"),
    (#"{"type":"object","required":["a"]}"#, "{}", "$: the key `a` is missing"),
    (
        #"{"properties":{"speed":{"maximum":2}},"additionalProperties":false}"#, #"{"sped":1,"speed":3}"#,
        "$.sped: unknown key `sped`, did you mean `speed`?\n$.speed: expected at most 2, found `3`"
    ),
    (
        #"{"enum":["energy","webrtc"]}"#, #""enegy""#,
        #"$: expected one of `energy`, `webrtc`, found "enegy", did you mean `energy`?"#
    ),
    (#"{"items":{"type":"string"}}"#, #"["a",1]"#, "$[1]: expected a string, found `1`, put it in quotes"),
    (#"{"minItems":1}"#, "[]", "$: expected at least 1 items, found 0"),
    (#"{"maxItems":1}"#, "[1,2]", "$: expected at most 1 items, found 2"),
    (#"{"uniqueItems":true}"#, "[1,1.0]", "$[1]: this item stands in the list twice"),
    (#"{"exclusiveMinimum":0}"#, "0", "$: expected more than 0, found `0`"),
    (#"{"multipleOf":20}"#, "30", "$: expected a multiple of 20, found `30`"),
    (#"{"minLength":1}"#, #""""#, #"$: expected a text that is not empty, found """#),
    (#"{"pattern":"^a+$"}"#, #""ab""#, #"$: expected a text that matches `^a+$`, found "ab""#),
    (
        #"{"oneOf":[{"type":"string"},{"type":"object","required":["provider"]}]}"#, "{}",
        "$: the key `provider` is missing"
    ),
    (#"{"oneOf":[{"type":"string"},{"type":"object"}]}"#, "3", "$: expected a string or an object, found `3`"),
    (
        #"{"oneOf":[{"minimum":1},{"minimum":2}]}"#, "3",
        "$: the value fits more than one of the allowed forms, it must fit one"
    ),
    (#"{"properties":{"a.b":{"type":"null"}}}"#, #"{"a.b":1}"#, #"$["a.b"]: expected null, found `1`"#),
]
