// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct ReportTests {
    private let hash = "sha256:" + String(repeating: "a", count: 64)

    @Test func `the effective configuration names each value and where it comes from`() throws {
        let text =
            "limits:\n  max_sessions: 5\nprofiles:\n  desk:\n    greeting: \"${env:HELLO}\"\n    away: 2s\n  bare:\n"
        let yaml = ConfigEffective(try parse(text, environment: ["HELLO": "hunter2"])).yaml
        #expect(yaml.contains("listen: 127.0.0.1:8080  # default\n"))
        #expect(yaml.contains("limits:\n  max_sessions: 5  # syrinx.yaml:2\n"))
        #expect(yaml.contains("  idle_timeout: 5m  # default\n"))
        #expect(
            yaml.hasSuffix(
                "profiles:\n  bare: {}\n  desk:\n    greeting: \"[secret]\"  # syrinx.yaml:5, ${env:HELLO}\n"
                    + "    away: 2s  # syrinx.yaml:6\n"), "\(yaml)")
        #expect(!yaml.contains("hunter2"))
    }

    @Test func `without secrets the effective configuration reads back as the same`() throws {
        let text = """
            listen: "[::1]:0"
            tenants:
              acme:
                profiles: [desk]
                providers: { tts: { provider: flite@1, config: { a: "0100", b: [1, no, null], c: "$${x}" } }, stt: none }
                jwt: {}
                route: { numbers: ["+4930"], paths: ["0"] }
                limits: { creates_per_second: 0.25, minutes: 7 }
            limits: { providers: { flite: 3 }, body: 2MiB }
            profiles: { desk: { greeting: "no", hints: ["0100", "a\\nb", "$${y}"], filters: [a, { provider: b@1.2 }] } }
            """
        let configuration = try parse(text)
        let yaml = ConfigEffective(configuration).yaml
        #expect(try parse(yaml).withoutAddress == configuration.withoutAddress, "\(yaml)")
        #expect(
            try ConfigDiff(from: parse(yaml), to: configuration).changes.filter { !$0.path.contains("admin_http") }
                == [])
    }

    @Test func `a difference is told key by key, with its effect`() throws {
        let old = try parse(
            "limits: { max_sessions: 5, body: 1MiB }\ntenants: { a: { limits: { sessions: 2 } }, b: {} }\n")
        let new = try parse(
            "\n\nlimits: { max_sessions: 6, max_duration: 1h }\nlog: { level: debug }\n"
                + "tenants: { a: { limits: { sessions: 3 }, keys: { k: { hash: \"\(hash)\" } } }, c: {} }")
        #expect(
            ConfigDiff(from: old, to: new).text == """
                  limits.max_sessions: 5 → 6 (live)
                  log.level: info → debug (restart)
                + tenants.a.keys.k (live)
                  tenants.a.limits.sessions: 2 → 3 (live)
                - tenants.b (new sessions)
                + tenants.c (new sessions)
                6 changes: 3 live, 2 new sessions, 1 restart
                """, "\(ConfigDiff(from: old, to: new).text)")
        #expect(ConfigDiff(from: old, to: old).text == "no changes")
        #expect(ConfigDiff(from: new, to: old).changes.count == 6)
    }

    @Test func `a changed secret is a change that shows nothing`() throws {
        func configuration(_ secret: String) throws -> Configuration {
            try parse(
                "tenants: { a: { secrets: { K: \"${env:K}\" }, webhooks: { w: { url: http://h, secret: \(secret) } },"
                    + " providers: { tts: { provider: x, config: { k: \"${secret:K}\", api_key: \(secret), v: 1 } } } } }",
                environment: ["K": secret])
        }
        let diff = ConfigDiff(from: try configuration("hunter2"), to: try configuration("hunter3"))
        #expect(
            diff.changes.map(\.path) == [
                "tenants.a.providers.tts", "tenants.a.secrets.K", "tenants.a.webhooks.w.secret",
            ])
        for text in [
            diff.text, diff.json.text, ConfigEffective(try configuration("hunter2")).yaml,
            ConfigEffective(try configuration("hunter2")).json.text,
        ] {
            #expect(text.contains("[secret]") && !text.contains("hunter"), "\(text)")
        }
        #expect(ConfigEffective(try configuration("x")).yaml.contains("\"v\":1"))
    }

    @Test func `a key is explained, with a name in its path too`() throws {
        #expect(
            try ConfigExplain("limits.idle_timeout").text == """
                limits.idle_timeout: silence on both sides that ends a session, 0s for none
                  takes:    a duration from 0s to 24h
                  unit:     ms, s, m, h, d
                  default:  300s
                  example:  idle_timeout: 300s
                  change:   a reload makes it hold for new sessions
                  manual:   docs/CONFIG.md#limits
                """)
        #expect(try ConfigExplain("tenants.acme.limits.sessions").isKey)
        #expect(try ConfigExplain("tenants.NAME.keys.web.hash").entries.first?.isSecret == true)
        #expect(try ConfigExplain("tenants.acme.secrets.KEY").entries.map(\.path) == ["tenants.NAME.secrets"])
        #expect(try ConfigExplain("tenants.acme.limits").entries.count == 5)
        #expect(try ConfigExplain().entries == Configuration.manual)
        #expect(try ConfigExplain("limits.body").json["change"] == "restart")
    }

    @Test(arguments: [
        ("limits.max_sesions", "did you mean `limits.max_sessions`?"),
        ("max_sessions", "did you mean `limits.max_sessions`?"),
        ("tenants.acme.limts", "did you mean `tenants.acme.limits`?"),
        ("load", "did you mean `limits.load`?"), ("listen.x", "it is a key itself, without keys below"),
        ("limits.providers.a.b", "it is a key itself, without keys below"),
    ])
    func `an unknown key path is answered with the nearest`(path: String, fix: String) {
        let error = #expect(throws: SyrinxError.self) { try ConfigExplain(path) }
        #expect(error?.code == "config.unknown_key" && error?.fix == fix, "\(String(describing: error))")
    }
}

extension Configuration {
    /// A written address is asked for; the default one may be given up.
    fileprivate var withoutAddress: Configuration {
        var result = self
        result.listeners.adminHTTP = .standard
        return result
    }
}
