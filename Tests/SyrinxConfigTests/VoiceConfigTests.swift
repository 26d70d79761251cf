// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import Testing

/// The voice by the session's language, and a tenant's own.
@Suite(.tags(.unit)) struct VoiceConfigTests {
    private static let file = """
        profiles:
          base:
            tts: { provider: acme, options: { speed: 1 } }
            voices: { de: { voice: anna }, en: { voice: bob } }
          front: { extends: base, voices: { en: { voice: eve } } }
          other: { extends: base, tts: flite, voices: { fr: { voice: zoe } } }
        tenants:
          acme: { voices: { de: { voice: carl } } }
          umbra: { providers: { tts: mock } }
        """

    private func voices(_ profile: String, tenant: String? = nil) throws -> [String: JSONValue] {
        let configuration = try parse(Self.file)
        let tenant = try tenant.map { try #require(configuration.tenants[$0]) } ?? TenantConfig()
        return try #require(configuration.overlay(for: profile, tenant: tenant)).profile.voices.mapValues(\.value)
    }

    @Test func `languages are laid over one by one, the tenant's last`() throws {
        #expect(try voices("base") == ["de": ["voice": "anna"], "en": ["voice": "bob"]])
        #expect(try voices("front") == ["de": ["voice": "anna"], "en": ["voice": "eve"]])
        #expect(try voices("front", tenant: "acme") == ["de": ["voice": "carl"], "en": ["voice": "eve"]])
    }

    @Test func `a tenant changes only the voice and keeps the provider`() throws {
        let configuration = try parse(Self.file)
        let tenant = try #require(configuration.tenants["acme"])
        let profile = try #require(configuration.overlay(for: "base", tenant: tenant)).profile
        #expect(profile.tts?.stage?.provider.id == "acme")
    }

    @Test func `a built-in profile that nobody names does not get a tenant's voices`() throws {
        #expect(try voices("default", tenant: "acme").isEmpty)
        for text in ["{}", "{ default: {} }"] {
            let configuration = try parse("profiles: \(text)\ntenants: { acme: { voices: { de: { voice: x } } } }")
            let tenant = try #require(configuration.tenants["acme"])
            #expect(configuration.overlay(for: "default", tenant: tenant)?.profile.voices.count == 1)
            #expect(configuration.overlay(for: "mock", tenant: tenant)?.profile.voices.isEmpty == true)
        }
        let listed = try parse("tenants: { acme: { profiles: [mock], voices: { de: { frequency: 300 } } } }")
        let tenant = try #require(listed.tenants["acme"])
        #expect(listed.overlay(for: "mock", tenant: tenant)?.profile.voices.count == 1)
    }

    @Test func `another provider does not get the voices of the one it replaces`() throws {
        #expect(try voices("other") == ["fr": ["voice": "zoe"]])
        #expect(try voices("base", tenant: "umbra").isEmpty)
    }

    @Test func `faults that the provider's schema finds stand at their place, without secrets`() throws {
        let text = """
            profiles:
              a:
                tts: { provider: acme, options: { speed: 1 } }
                voices:
                  de: { voice: 7, sped: 2 }
                  en: { voice: eve, key: "${env:K}" }
            """
        let configuration = try parse(text, environment: ["K": "hunter2"])
        let schema = try JSONSchema(
            parsing: #"""
                {"type":"object","additionalProperties":false,"properties":{"voice":{"type":"string"},
                 "speed":{"type":"number"},"key":{"type":"string","maxLength":3}}}
                """#)
        let profile = try #require(configuration.profiles["a"])
        let stage = try #require(profile.tts?.stage)
        let found = profile.voices.sorted { $0.key < $1.key }.flatMap { _, options in
            let merged = stage.with(options)
            return schema.validate(merged.options, hiding: merged.hidden(in: .options)).map {
                merged.issue(for: $0, in: .options, secrets: schema.secretPaths)
            }
        }
        #expect(Set(found.map { "\($0.line):\($0.column)" }) == ["5:20", "5:23", "6:30"])
        #expect(found.contains { $0.message.contains("unknown key `sped` in options.sped") })
        #expect(!ConfigErrors(issues: found).rendered(color: false).contains("hunter2"))
    }

    @Test(arguments: ["{ german: { voice: a } }", "{ x: { voice: a } }", "{ de: anna }", "{ de: [anna] }", "anna"])
    func `what is no language or no options is refused`(value: String) {
        #expect(headlines("profiles: { a: { voices: \(value) } }").count == 1)
        #expect(headlines("tenants: { a: { voices: \(value) } }").count == 1)
    }
}
