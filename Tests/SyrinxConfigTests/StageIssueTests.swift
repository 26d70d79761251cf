// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct StageIssueTests {
    private let schema: String = #"""
        {"type":"object","required":["voice"],"additionalProperties":false,"properties":{"voice":{"type":"string"},
         "speed":{"type":"number","maximum":2},"api_key":{"type":"string","x-secret":true,"minLength":20},
         "stops":{"type":"array","items":{"type":"integer"}}}}
        """#

    private func issues(_ config: String, environment: [String: String] = [:]) throws -> [ConfigIssue] {
        let text = "profiles:\n  a:\n    tts:\n      provider: acme\n" + config
        let configuration = try parse(text, environment: environment)
        let stage = try #require(configuration.profiles["a"]?.tts?.stage)
        let schema = try JSONSchema(parsing: schema)
        return schema.validate(stage.config, hiding: stage.hidden(in: .config)).map {
            stage.issue(for: $0, in: .config, secrets: schema.secretPaths)
        }
    }

    @Test func `a fault that the provider's schema finds is shown at its place`() throws {
        let found = try issues("      config:\n        sped: 1\n        speed: 3\n        stops: [1, x]\n")
        #expect(
            found.map { "\($0.line):\($0.column): \($0.message)" } == [
                "5:7: acme: the key `voice` is missing in config",
                "6:9: acme: unknown key `sped` in config.sped",
                "7:16: acme: expected at most 2, found `3` in config.speed",
                "8:20: acme: expected a whole number, found \"x\" in config.stops[1]",
            ]
        )
        #expect(found[1].fix == "did you mean `speed`?" && found[1].length == 4)
    }

    @Test func `a stage without config has its faults shown at the provider`() throws {
        #expect(try issues("").map { "\($0.line):\($0.column)" } == ["4:17"])
    }

    @Test func `secrets stand neither in the message nor in the line shown`() throws {
        let flow = try issues("      config: { speed: 3, api_key: hunter2, sped: 1, voice: v }\n")
        #expect(flow.count == 3)
        #expect(!ConfigErrors(issues: flow).rendered(color: false).contains("hunter2"))
        let environment = try issues(
            "      config: { voice: \"${env:V}\", speed: \"${env:K}\" }\n",
            environment: ["K": "hunter2", "V": "v"]
        )
        #expect(environment.count == 1)
        #expect(!ConfigErrors(issues: environment).rendered(color: false).contains("hunter2"))
    }

    @Test func `a provider that nobody registers is named at its place`() throws {
        let configuration = try parse("profiles: { a: { stt: nobody } }")
        let issue = try #require(configuration.profiles["a"]?.stt?.stage).issue("no plugin provides `nobody`")
        #expect(issue.line == 1 && issue.column == 23)
        #expect(StageConfig(provider: ProviderReference(id: "x")).issue("m").line == 1)
    }
}
