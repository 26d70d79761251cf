// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import Testing

@Suite(.tags(.unit)) struct TenantTests {
    private static let hashes = (0..<4).map { "sha256:" + String(repeating: String($0), count: 64) }

    @Test func `a tenant becomes its values`() throws {
        let configuration = try parse(
            tenant, environment: ["ACME_KEY": "k", "HOOK": "h", "SHARED": String(repeating: "s", count: 32)])
        let acme = try #require(configuration.tenants["acme"])
        #expect(acme.profiles == ["reception", "default"] && !acme.isOpen)
        #expect(
            acme.keys["web"] == KeyConfig(hash: Self.hashes[0], scopes: [.talk, .read], expires: 1_798_761_600_000))
        #expect(acme.keys["old"]?.scopes == [.talk])
        #expect(acme.jwt["key-1"]?.algorithm == .hs256 && acme.jwt["key-1"]?.maxLifetime == .seconds(60))
        #expect(acme.route.hosts == ["voice.acme.example"] && acme.route.numbers == ["+4930123456"])
        #expect(acme.limits.sessions == 10 && acme.limits.reserved == 2 && acme.limits.createsPerSecond == 0.5)
        #expect(acme.limits.minutes == nil && acme.limits.burst == 10)
        #expect(acme.records.keep == .seconds(40 * 86_400) && acme.records.keepTranscripts == .seconds(86_400))
        #expect(acme.records.recordings && acme.records.keepRecordings == nil)
        #expect(
            acme.webhooks["crm"] == WebhookConfig(url: "https://crm.acme.example/x", secret: "h", events: [.turnEnded]))
        let tts = try #require(acme.providers.tts?.stage)
        #expect(tts.provider == ProviderReference(id: "flite", version: [1]))
        #expect(tts.config == ["voice": "rms", "api": "a-k-b"])
        #expect(tts.hidden(in: .config) == [.root.key("api")])
        #expect(configuration.access.operators["ops"]?.hash == Self.hashes[2])
    }

    @Test func `a tenant's stages lie over those of its profiles, and of no others`() throws {
        let configuration = try parse(
            "profiles: { desk: { tts: flite, stt: x } }\ntenants: { a: { profiles: [desk], providers: { tts: mock } } }"
        )
        let tenant = try #require(configuration.tenants["a"])
        let overlay = try #require(configuration.overlay(for: "desk", tenant: tenant))
        #expect(overlay.profile.tts?.stage?.provider.id == "mock" && overlay.profile.stt?.stage?.provider.id == "x")
        #expect(configuration.overlay(for: "echo", tenant: tenant) == nil)
        #expect(configuration.profileNames(of: TenantConfig()) == ["default", "desk", "echo", "mock"])
    }

    @Test func `a file without tenants has one that is open`() throws {
        #expect(try parse("").servedTenants == ["default": TenantConfig()])
        #expect(try parse("storage: { event_log: x }").servedTenants["default"]?.records.eventLog == true)
        #expect(try parse("tenants: { a: }").servedTenants.keys.sorted() == ["a"])
    }

    @Test(arguments: [
        ("tenants: { a: { profiles: [defualt] } }", "names a profile that is neither", "did you mean `default`?"),
        ("tenants: { a: { profiles: [] } }", "`profiles` of tenant a is empty", nil),
        (
            "tenants: { a: { route: { hosts: [X.example] } }, b: { route: { hosts: [x.example] } } }",
            "leads to tenant a", nil
        ),
        (
            "tenants: { a: { route: { numbers: [+4930] } }, b: { route: { numbers: [+4930] } } }", "leads to tenant a",
            nil
        ),
        ("tenants: { a: { route: { paths: [x] } }, b: { route: { paths: [x] } } }", "leads to tenant a", nil),
        ("tenants: { a: { keys: { x: { hash: H0 }, y: { hash: H0 } } } }", "stands at tenants.a.keys.x already", nil),
        (
            "tenants: { a: { keys: { x: { hash: H0 } } } }\naccess: { operators: { o: { hash: H0 } } }",
            "tenants.a.keys.x", nil
        ),
        ("tenants: { a: { keys: { x: { hash: md5:1 } } } }", "`hash` takes `sha256:`", nil),
        ("tenants: { a: { keys: { x: { hash: H0, expires: 2027-02-29T00:00:00Z } } } }", "`expires` takes a time", nil),
        (
            "tenants: { a: { keys: { x: { hash: H0, scopes: [tlak] } } } }", "`scopes` takes `talk`",
            "did you mean `talk`?"
        ),
        ("tenants: { a: { keys: { x: { hash: H0, scopes: [] } } } }", "`scopes` is empty", nil),
        ("tenants: { a: { keys: { x: {} } } }", "keys.x has no `hash`", nil),
        ("tenants: { a: { limits: { sessions: 1, reserved: 2 } } }", "must not exceed `sessions`", nil),
        (
            "limits: { max_sessions: 5 }\ntenants: { a: { limits: { reserved: 3 } }, b: { limits: { reserved: 3 } } }",
            "6 sessions are reserved", nil
        ),
        ("tenants: { a: { records: { recordings: true } } }", "needs `storage.database`", "set `storage.database`"),
        ("tenants: { a: { records: { keep_transcripts: 31d } } }", "must not exceed `keep`, which is 30d", nil),
        ("tenants: { a: { webhooks: { w: { url: ftp://x, secret: s } } } }", "`url` takes an http or https URL", nil),
        ("tenants: { a: { route: { paths: [v1] } } }", "takes one part of a path", nil),
        ("tenants: { a: { route: { hosts: [a_b..c] } } }", "takes a host name", nil),
        ("tenants: { a: { route: { numbers: [call-me] } } }", "takes a telephone number", nil),
        ("tenants: { A: {} }", "`A` is not a name", nil),
        ("tenants: { a: { jwt: { k: { algorithm: none, key: x, issuer: i, audience: a } } } }", "takes `ES256`", nil),
        ("tenants: { a: { jwt: { k: { algorithm: HS256, key: x, issuer: i, audience: a } } } }", "is too short", nil),
        ("tenants: { a: { jwt: { k: { algorithm: ES256, key: x, issuer: i, audience: a } } } }", "not in PEM", nil),
        (
            "tenants: { a: { secrets: { KEY: v }, providers: { tts: { provider: x, config: { k: \"${secret:KEE}\" } } } } }",
            "no secret `KEE`", "did you mean `KEY`?"
        ),
        ("profiles: { a: { greeting: \"${secret:X}\" } }", "only in the providers of a tenant", nil),
        ("tenants: { a: { secrets: { X: \"${secret:X}\" } } }", "only in the providers of a tenant", nil),
        ("tenants: { a: }\nplugins: { canary: { tenants: [b] } }", "names a tenant that is not in this file", nil),
        ("tenants: { a: { limits: { minutes: 1:30 } } }", "`minutes` takes a whole number", nil),
        ("limits: { providers: { x: no } }", "`x` takes a whole number", nil),
        ("limits: { load: { cpu: 1.5 } }", "`cpu` takes a number from 0 to 1", nil),
        ("listeners: { admin_http: off }", "takes HOST:PORT or `none`", nil),
    ])
    func `what does not agree is refused at its place`(text: String, message: String, fix: String?) {
        let text = text.replacingHashes(by: Self.hashes)
        let found = issues(text)
        #expect(found.count >= 1 && found.contains { $0.message.contains(message) }, "\(found)")
        if let fix { #expect(found.contains { $0.fix == fix }, "\(found.map(\.fix))") }
    }

    @Test func `ten thousand tenants are taken and one more is not`() throws {
        let lines = (0..<10_000).map { "  t\($0): { limits: { sessions: 2 }, route: { paths: [p\($0)] } }\n" }
        #expect(try parse("tenants:\n" + lines.joined()).tenants.count == 10_000)
        let found = headlines("tenants:\n" + lines.joined() + "  more: {}\n")
        #expect(found == ["2:3: there are 10001 tenants, and a server takes 10000"])
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0)), ("2000-02-29T12:00:00Z", 951_825_600_000),
        ("2027-01-01T01:00:00+01:00", 1_798_761_600_000), ("2027-01-01t00:00:00.25z", 1_798_761_600_250),
    ])
    func `a time is that of RFC 3339`(text: String, milliseconds: Int64) throws {
        let text = "tenants: { a: { keys: { k: { hash: H0, expires: \"\(text)\" } } } }".replacingHashes(
            by: Self.hashes)
        #expect(try parse(text).tenants["a"]?.keys["k"]?.expires == milliseconds)
    }

    @Test(arguments: [
        ("tenants.a.keys.k.hash", "4:18"), ("tenants.a.keys.k.expires", "4:7"), ("tenants.a.jwt.x", "6:10"),
        ("tenants.a.secrets.KEY", "5:21"), ("tenants.b", "2:3"), ("nothing", "1:1"), ("", "1:1"), ("tenants.a", "2:3"),
        ("tenants.a.jwt.k.1.key", "6:42"),
    ])
    func `what others find wrong is shown at its place`(path: String, place: String) throws {
        let text = """
            tenants:
              a:
                keys:
                  k: { hash: H0 }
                secrets: { KEY: "x" }
                jwt: { k.1: { algorithm: HS256, key: "\(String(repeating: "x", count: 32))", issuer: i, audience: a } }
            """.replacingHashes(by: Self.hashes)
        let issue = try parse(text).issue(at: path, "is wrong", fix: "mend it")
        #expect("\(issue.line):\(issue.column)" == place && issue.file == "syrinx.yaml")
        #expect(!issue.rendered(color: false).contains("xxxxxxxx"))
    }

    private var tenant: String {
        """
        storage: { database: d, recordings: r }
        access: { operators: { ops: { hash: "\(Self.hashes[2])" } } }
        profiles: { reception: {} }
        tenants:
          acme:
            profiles: [reception, default]
            providers:
              tts: { provider: flite@1, config: { voice: rms, api: "a-${secret:KEY}-b" } }
            keys:
              web: { hash: "\(Self.hashes[0])", scopes: [talk, read], expires: 2027-01-01T00:00:00Z }
              old: { hash: "\(Self.hashes[1])" }
            jwt:
              key-1: { algorithm: HS256, key: "${env:SHARED}", issuer: acme, audience: syrinx, max_lifetime: 1m }
            route: { hosts: [Voice.Acme.example], numbers: ["+4930123456"], paths: [acme] }
            limits: { sessions: 10, reserved: 2, creates_per_second: 0.5, minutes: 0 }
            records: { recordings: true, keep: 40d, keep_transcripts: 1d }
            secrets: { KEY: "${env:ACME_KEY}" }
            webhooks:
              crm: { url: "https://crm.acme.example/x", secret: "${env:HOOK}", events: [turn.ended] }
        """
    }
}

extension String {
    /// `H0` stands for the first hash.
    fileprivate func replacingHashes(by hashes: [String]) -> String {
        replacing("H0", with: "\"\(hashes[0])\"")
    }
}
