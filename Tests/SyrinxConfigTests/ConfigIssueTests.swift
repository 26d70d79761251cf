// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct ConfigIssueTests {
    @Test func `an issue is printed with its line, a caret and the fix`() {
        let text = "limits:\n    max_sesions: 100\n    idle_timeout: 300\n"
        let error = ConfigErrors(issues: issues(text))
        #expect(
            error.rendered(color: false) == """
                syrinx.yaml:2:5: error: unknown key `max_sesions` in limits
                 2 |     max_sesions: 100
                   |     ^~~~~~~~~~~  did you mean `max_sessions`?   docs/CONFIG.md#limits
                syrinx.yaml:3:19: error: `idle_timeout` is a duration and needs its unit, found `300`
                 3 |     idle_timeout: 300
                   |                   ^~~  docs/CONFIG.md#limits
                   fix: write `300ms` or `300s`
                2 errors
                """
        )
        #expect(error.rendered(color: true).contains("\u{1B}[1;31merror\u{1B}[0m"))
    }

    @Test func `all faults of a file are named at once, duplicates and references too`() {
        let text = """
            listen: 8080
            listen: 127.0.0.1:1
            log: { level: inf, format: xml }
            drain: 30m
            profiles:
              Desk: {}
              desk:
                vad: { config: {} }
                stt: "a b"
                greeting: ${env:MISSING}
                hints: hello
                tts: { provider: x, voice: slt }
                extends: dfault
                away: 1:30
                away: 2s
            limits: { max_sessions: 0100 }
            """
        #expect(
            headlines(text) == [
                "1:9: `listen` takes HOST:PORT, found `8080`",
                "2:1: the key `listen` stands here twice, first in line 1",
                "3:15: `level` takes `trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`, found `inf`",
                "3:28: `format` takes `text` or `json`, found `xml`",
                "4:8: expected keys and values in drain, found `30m`",
                "6:3: `Desk` is not a name",
                "8:10: the stage `vad` names no `provider`",
                "9:10: `stt` takes a provider's id, found `a b`",
                "10:15: the environment variable `MISSING` is not set",
                "11:12: `hints` takes a list of texts, found `hello`",
                "12:25: unknown key `voice` in tts",
                "13:14: `extends` names a profile that is neither built in nor in this file, found `dfault`",
                "14:11: `away` takes a duration from 0s to 1h, found `1:30`",
                "15:5: the key `away` stands here twice, first in line 14",
                "16:25: `max_sessions` takes a whole number from 1 to 1000000, found `0100`",
            ]
        )
    }

    @Test(arguments: [
        ("limits: { max_sessions: 0100 }", "write `100`"), ("limits: { max_sessions: 1_000 }", "write `1000`"),
        ("limits: { max_sessions: 1e3 }", "write a plain decimal number"),
        ("limits: { idle_timeout: 1:30 }", "write `1m30s`"),
        ("profiles: { a: { turn_taking: { preemptive: yes } } }", "write `true`"),
        ("profiles: { a: { turn_taking: { preemptive: \"true\" } } }", "write `true`"),
        ("profiles: { a: { turn_taking: { interruption: { enabled: off } } } }", "write `false`"),
        ("log: { level: debg }", "did you mean `debug`?"), ("listen: 8080", "write `127.0.0.1:8080`"),
        ("profiles: { a: { hints: hello } }", "write [\"hello\"]"),
        ("\tlisten: x", "indent with spaces, YAML takes no tabs"),
        ("profiles: { a: { greeting: hi: you } }", "inside { } and [ ] a text with `: `, `,` or brackets needs quotes"),
        ("a: b: c", "a text with `: ` in it needs quotes"),
        ("log: { level: ${env:X} }", "inside { } and [ ] a reference needs quotes: \"${env:NAME}\""),
        ("listen: ${PORT}", "write `${env:PORT}`"), ("a: 1\n---\nb: 2", "keep one document, remove the line `---`"),
        ("limits: { start_timeout: }", "give it a value or remove the key"),
        ("log: !!set { level: info }", "remove the tag"),
    ])
    func `each surprise of YAML comes with its fix`(text: String, fix: String) {
        let issues = issues(text)
        #expect(issues.contains { $0.fix == fix }, "\(issues)")
    }

    @Test(arguments: [
        "profiles: { a: { extends: a } }", "profiles: { a: { extends: b }, b: { extends: a } }",
        "profiles: { default: { extends: echo }, echo: { extends: default } }",
    ])
    func `a circle of extends is refused`(text: String) {
        #expect(headlines(text).allSatisfy { $0.contains("circle") } && !headlines(text).isEmpty)
    }

    @Test func `pairs of values must agree`() {
        #expect(
            headlines("profiles: { a: { turn_taking: { vad: { threshold_on: 0.3, threshold_off: 0.5 } } } }").count == 1
        )
        #expect(
            headlines("profiles: { a: { turn_taking: { endpointing: { min_delay: 2s, max_delay: 1s } } } }").count == 1
        )
        #expect(headlines("profiles: { a: { speech: { min_clause: 50, max_clause: 40 } } }").count == 1)
    }

    @Test func `a file of endless faults is told of in a thousand`() {
        let keys = (0..<20_000).map { "k\($0): \"${env:NONE}\"\n" }
        let found = issues(keys.joined())
        #expect((1000...2000).contains(found.count) && Set(found.map(\.message)).count > 1)
    }

    @Test func `terminal codes in a file never reach the terminal`() {
        let issue = ConfigIssue(
            file: "f",
            line: 1,
            column: 1,
            message: "a\u{1B}[2Jb",
            sourceLine: "\u{1B}]0;x\u{07}\tz"
        )
        #expect(!issue.rendered(color: false).contains("\u{1B}") && !issue.rendered(color: false).contains("\u{07}"))
    }

    @Test func `the caret stays in sight on a long line and on a line beyond the end`() {
        let text = "log: { " + String(repeating: " ", count: 5_000) + "levl: info }"
        let rendered = ConfigErrors(issues: issues(text)).rendered(color: false)
        #expect(rendered.contains("^~~~") && rendered.split(separator: "\n").allSatisfy { $0.count < 260 })
        #expect(!ConfigErrors(issues: issues("log: {")).rendered(color: false).isEmpty)
    }
}
