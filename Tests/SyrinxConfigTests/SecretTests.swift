// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import Testing

@Suite(.tags(.unit)) struct SecretTests {
    private static let canary = "hunter2"

    @Test(arguments: [
        "tenants: { a: { keys: { k: { hash: hunter2 } } } }",
        "tenants: { a: { keys: { k: { hash: \"hunter2\", scopes: [x] } } } }",
        "tenants:\n  a:\n    secrets: { KEY: hunter2, b: hunter2 }",
        "tenants:\n  a:\n    secrets:\n      KEY: [hunter2]",
        "tenants:\n  a:\n    secrets: hunter2",
        "tenants: { a: { webhooks: { w: { url: x, secret: hunter2, evnts: [] } } } }",
        "tenants: { a: { webhooks: { w: { secret: [hunter2] } } } }",
        "tenants: { a: { jwt: { k: { algorithm: HS256, key: hunter2, issuer: i, audience: a } } } }",
        "telemetry: { traces: { headers: { a: hunter2, b c: hunter2 } } }",
        "telemetry:\n  traces:\n    headers:\n      authorization: hunter2\n      b c: hunter2",
        "access: { operators: { o: { hash: hunter2 } } }",
        "profiles: { a: { tts: { provider: x, confg: 1, config: { api_key: hunter2 } } } }",
        // These are no YAML at all.
        "tenants:\n  a:\n    webhooks:\n      w: { secret: hunter2", "secret: \"hunter2", "api_key: hunter2: x",
        "key: |\n  hunter2\n hunter2: [", "secrets:\n  A: hunter2: b", "password: 'hunter2' x",
        "key:\n  hunter2 hunter2 {\n - [",
    ])
    func `what is written under a key for secrets never stands in an error`(text: String) {
        let found = issues(text)
        let rendered = ConfigErrors(issues: found).rendered(color: false)
        #expect(!found.isEmpty)
        #expect(!rendered.contains(Self.canary), "\(rendered)")
    }

    @Test func `the caret stays where it was on a line with a secret`() {
        let text = "tenants: { a: { keys: { k: { hash: \"\(String(repeating: "x", count: 20))\", scops: [talk] } } } }"
        let rendered = ConfigErrors(issues: issues(text)).rendered(color: false)
        #expect(rendered.contains("{ hash: [secret]              , scops: [talk] }"), "\(rendered)")
        #expect(
            rendered.contains("\n   |                                                            ^~~~~"), "\(rendered)")
    }

    @Test func `the log knows the secrets of providers, wherever one is configured`() throws {
        let configuration = try parse(
            """
            profiles:
              a: { tts: { provider: x, config: { api_key: of-profile, voice: plain },
                          fallback: [ { provider: y, config: { auth: { bearer: of-fallback } } } ] } }
            tenants: { t: { providers: { stt: { provider: x, config: { token: of-tenant } } } } }
            doors:
              d: { transport: { provider: x, config: { auth_token: "${env:DOOR}", keys: { api_secret: [of-list] } } } }
            """, environment: ["DOOR": "of-door"])
        #expect(
            configuration.secretValues.sorted() == ["of-door", "of-fallback", "of-list", "of-profile", "of-tenant"])
    }

    @Test func `a reference is shown as it is written`() {
        let rendered = ConfigErrors(issues: issues("tenants: { a: { secrets: { k: \"${env:KEY}\" } } }")).rendered(
            color: false)
        #expect(rendered.contains("k: \"${env:KEY}\""))
    }
}
