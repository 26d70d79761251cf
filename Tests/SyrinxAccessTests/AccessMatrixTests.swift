// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxAccess

/// Credentials of all kinds × states × routes × scopes: what the table says, and nothing else.
struct AccessMatrixTests {
    private struct Row {
        var name: String
        var text: String
        var scopes: Set<Scope> = []
        /// Where it is not let in.
        var refusal = "auth.invalid"
    }

    private static let all = Set(Scope.allCases)
    private static let routes: [(host: String?, path: String?, number: String?, isAcme: Bool)] = [
        (nil, nil, nil, true), ("voice.acme.example", nil, nil, true), ("VOICE.acme.example.:443", nil, nil, true),
        (nil, "acme", nil, true), (nil, nil, "+49 30 123456", true), ("unknown.example", nil, nil, true),
        (nil, nil, "+4999", true), ("voice.acme.example", "acme", "+4930123456", true),
        ("[2001:db8::1]:80", nil, nil, true),
        ("other.example", nil, nil, false), (nil, "other", nil, false), (nil, "open", nil, false),
        (nil, "nobody", nil, false), (nil, "", nil, false), (nil, "../acme", nil, false), (nil, "ACME", nil, false),
        ("voice.acme.example", "other", nil, false), ("other.example", "acme", nil, false),
        ("localhost", nil, nil, false),
    ]

    @Test(arguments: JWTAlgorithm.allCases)
    func `every credential opens what is its own, and answers alike everywhere else`(algorithm: JWTAlgorithm) throws {
        let fixture = try AccessFixture(algorithm: algorithm)
        let control = try fixture.control()
        var checked = 0
        for row in try good(fixture) + bad(fixture, algorithm) {
            let routes =
                row.scopes.isEmpty ? Self.routes.prefix(3) + Self.routes.filter { !$0.isAcme } : Self.routes[...]
            for (index, route) in routes.enumerated() {
                // What is bad is bad for each scope: one after the other will do.
                for scope in row.scopes.isEmpty ? [Scope.allCases[index % 3]] : Scope.allCases {
                    let credentials = Credentials.bearer(
                        row.text, host: route.host, path: route.path, number: route.number)
                    let result = outcome { () throws(AccessRefusal) in
                        try control.resolve(credentials, needing: scope, now: fixture.now)
                    }
                    #expect(result == expected(row, route.isAcme, scope), "\(row.name) on \(route) for \(scope)")
                    checked += 1
                }
            }
        }
        #expect(checked > 3000)
    }

    private func expected(_ row: Row, _ isAcme: Bool, _ scope: Scope) -> String {
        guard isAcme else { return "auth.invalid" }
        guard !row.scopes.isEmpty else { return row.refusal }
        return row.scopes.contains(scope) ? "tenant:acme" : "auth.forbidden"
    }

    private func good(_ fixture: AccessFixture) throws -> [Row] {
        var rows = Scope.allCases.map { scope in
            Row(name: "key \(scope)", text: fixture.acme[scope.rawValue]?.text ?? "", scopes: [scope])
        }
        for name in ["all", "rotated"] {
            rows.append(Row(name: name, text: fixture.acme[name]?.text ?? "", scopes: Self.all))
        }
        for words in ["talk", "read", "admin", "talk read", "talk read admin", "openid talk operator", "read  admin"] {
            let scopes = Set(words.split(separator: " ").compactMap { Scope(rawValue: String($0)) })
            rows.append(
                Row(
                    name: "scope \(words)", text: try fixture.forge.token(claims: ["scope": .string(words)]),
                    scopes: scopes))
        }
        let now = fixture.now.seconds
        let changes: [(String, [String: JSONValue?], [String: JSONValue?])] = [
            ("no kid", ["kid": .none], [:]), ("no typ", ["typ": .none], [:]), ("at+jwt", ["typ": "at+JWT"], [:]),
            ("jku is not looked at", ["jku": "https://evil.example/k", "x5u": "https://evil.example/x"], [:]),
            ("jwk is not looked at", ["jwk": ["kty": "oct", "k": "AAAA"], "x5c": ["AAAA"]], [:]),
            ("two audiences", [:], ["aud": ["elsewhere", "syrinx"]]), ("no sub", [:], ["sub": .none]),
            ("no iat", [:], ["iat": .none]), ("clock 30 s ahead", [:], ["iat": .int(now + 30), "nbf": .int(now + 30)]),
            ("a fraction", [:], ["exp": .double(Double(now) + 0.5)]), ("ends next second", [:], ["exp": .int(now + 1)]),
            ("claims of others", [:], ["roles": ["admin"], "tenant": "other", "http://x/": ["a": [1, nil]]]),
        ]
        for (name, header, claims) in changes {
            rows.append(
                Row(name: name, text: try fixture.forge.token(header: header, claims: claims), scopes: [.talk, .read]))
        }
        return rows
    }

    private func bad(_ fixture: AccessFixture, _ algorithm: JWTAlgorithm) throws -> [Row] {
        var texts = BadTokens.texts
        texts["unknown key"] = APIKey.generate().text
        texts["expired key"] = fixture.acme["expired"]?.text ?? ""
        texts["key that ends now"] = fixture.acme["expires-now"]?.text ?? ""
        texts["operator's key"] = fixture.operatorKey.text
        texts["hash in place of the key"] = "\(fixture.acme["all"]?.hash as APIKeyHash?)"
        texts["session token at a door that takes none"] = try fixture.tokens.mint(
            SessionTokens.Claims(tenant: "acme", mintedBy: "all"), now: fixture.steady)
        for (name, key) in try BadTokens.keys(fixture.acme["all"] ?? fixture.other) { texts[name] = key }
        for (name, token) in try BadTokens.signed(fixture.forge, foreign: fixture.otherForge) { texts[name] = token }
        let expired = try fixture.forge.token(claims: ["exp": .int(fixture.now.seconds)])
        return texts.map { Row(name: $0.key, text: $0.value) }
            + [Row(name: "a token that has expired", text: expired, refusal: "auth.expired")]
            + [
                Row(
                    name: "a token without scopes", text: try fixture.forge.token(claims: ["scope": .none]),
                    refusal: "auth.forbidden")
            ]
            + [
                Row(
                    name: "foreign scopes", text: try fixture.forge.token(claims: ["scope": "TALK,read operator"]),
                    refusal: "auth.forbidden")
            ]
    }

    @Test func `the answer to what is unknown, foreign, malformed or expired is the same to the letter`() throws {
        let fixture = try AccessFixture()
        let control = try fixture.control()
        let texts = [
            APIKey.generate().text, fixture.other.text, fixture.acme["expired"]?.text ?? "", "nonsense",
            try fixture.otherForge.token(), try fixture.forge.token(claims: ["aud": "elsewhere"]),
            // Good on the routes of the other tenant.
            try fixture.otherForge.token(claims: ["aud": "other-syrinx"]),
        ]
        var answers = Set<SyrinxError>()
        for text in texts {
            let refusal = #expect(throws: AccessRefusal.self) {
                try control.resolve(.bearer(text, path: "acme"), needing: .talk, now: fixture.now)
            }
            if let refusal { answers.insert(refusal.error) }
        }
        #expect(answers.count == 1)
        #expect(answers.first?.code == "auth.invalid")
    }
}
