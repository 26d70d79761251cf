// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

@testable import SyrinxAccess

/// Credentials that nobody may get in with, by what is wrong with them.
enum BadTokens {
    static let texts: [String: String] = [
        "empty": "", "a space": " ", "dots": "..", "four parts": "a.b.c.d", "word": "nonsense", "NUL": "\u{0}",
        "unicode": "ключ.ключ.ключ", "emoji": "🔑", "combining": "syx_\u{301}",
        "huge": String(repeating: "a", count: 1 << 16),
        "huge with dots": String(repeating: "a.", count: 1 << 15), "prefix only": "syx_", "session prefix only": "syt_",
        "path": "../../etc/passwd", "quote": "\"", "SQL": "' OR 1=1 --", "JSON": "{}", "percent": "%00%2e.%2e.",
    ]

    static func keys(_ good: APIKey) throws -> [String: String] {
        let text = good.text
        return [
            "key cut": String(text.dropLast()), "key longer": text + "a", "key before space": text + " ",
            "key behind space": " " + text, "key twice": "\(text) \(text)", "key with comma": "\(text),\(text)",
            "key in lower case": text.lowercased() + "", "key with tab": text + "\t", "key with newline": text + "\n",
            "key as session token": "syt_" + text.suffix(43), "secret alone": String(text.suffix(43)),
            "id alone": good.id, "id of it, another secret": "\(good.id)_\(SecretText.random())",
            "another id, its secret": "syx_\(SecretText.random(8))_\(text.suffix(43))",
        ]
    }

    /// - Parameter foreign: a forge whose key is another tenant's.
    static func signed(_ forge: TokenForge, foreign: TokenForge) throws -> [String: String] {
        var tokens: [String: String] = [:]
        for (name, header) in headers(forge.algorithm) { tokens["header: \(name)"] = try forge.token(header: header) }
        for (name, claims) in claims { tokens["claim: \(name)"] = try forge.token(claims: claims) }
        for (name, token) in try texts(forge) { tokens["text: \(name)"] = token }
        tokens["foreign key"] = try foreign.token()
        tokens["key of nobody"] = try TokenForge.make(forge.algorithm).token()
        for (name, token) in try confused(forge) { tokens["confused: \(name)"] = token }
        return tokens
    }

    private static func headers(_ algorithm: JWTAlgorithm) -> [String: [String: JSONValue?]] {
        var rows: [String: [String: JSONValue?]] = [
            "alg none": ["alg": "none"], "alg None": ["alg": "None"], "alg NONE": ["alg": "NONE"],
            "alg empty": ["alg": ""], "alg missing": ["alg": .none], "alg null": ["alg": .null],
            "alg number": ["alg": 256],
            "alg list": ["alg": ["ES256"]], "alg lower": ["alg": .string(algorithm.rawValue.lowercased())],
            "alg space": ["alg": .string(algorithm.rawValue + " ")],
            "alg NUL": ["alg": .string(algorithm.rawValue + "\u{0}")],
            "kid unknown": ["kid": "key-2"], "kid path": ["kid": "../../../../dev/null"],
            "kid absolute": ["kid": "/dev/null"],
            "kid SQL": ["kid": "x' UNION SELECT 'a"], "kid URL": ["kid": "https://evil.example/key-1"],
            "kid empty": ["kid": ""],
            "kid number": ["kid": 1], "kid null": ["kid": .null], "kid list": ["kid": ["key-1"]],
            "kid case": ["kid": "KEY-1"],
            "kid NUL": ["kid": "key-1\u{0}"], "kid space": ["kid": "key-1 "], "crit": ["crit": ["exp"], "exp": 1],
            "crit empty": ["crit": []], "crit null": ["crit": .null], "b64": ["b64": false], "typ": ["typ": "dpop+jwt"],
            "typ number": ["typ": 1], "zip": ["zip": "DEF"], "enc": ["enc": "A256GCM"],
        ]
        for other in [
            "ES384", "ES512", "PS256", "RS384", "RS512", "HS384", "HS512", "ES256K", "Ed25519", "RSA-OAEP", "dir",
        ]
            + JWTAlgorithm.allCases.filter({ $0 != algorithm }).map(\.rawValue)
        { rows["alg \(other)"] = ["alg": .string(other)] }
        return rows
    }

    private static var claims: [String: [String: JSONValue?]] {
        let now = TokenForge.now.seconds
        return [
            "aud of others": ["aud": "elsewhere"], "aud missing": ["aud": .none], "aud null": ["aud": .null],
            "aud empty": ["aud": ""], "aud none": ["aud": []], "aud prefix": ["aud": "syrin"],
            "aud longer": ["aud": "syrinx.example"],
            "aud case": ["aud": "Syrinx"], "aud mixed": ["aud": ["syrinx", 1]], "aud object": ["aud": ["syrinx": true]],
            "aud many": ["aud": .array(Array(repeating: "x", count: 16) + ["syrinx"])],
            "iss of others": ["iss": "evil.example"], "iss missing": ["iss": .none],
            "iss list": ["iss": ["issuer.example"]],
            "iss slash": ["iss": "issuer.example/"], "iss case": ["iss": "Issuer.example"],
            "exp missing": ["exp": .none], "exp null": ["exp": .null], "exp text": ["exp": .string("\(now + 60)")],
            "exp true": ["exp": true], "exp zero less": ["exp": -1], "exp of a far year": ["exp": .int(.max)],
            "exp beyond integers": ["exp": .double(1e300)], "exp list": ["exp": [.int(now + 60)]],
            "lives too long": ["exp": .int(now + 3601)],
            "lives too long without iat": ["exp": .int(now + 3601), "iat": .none],
            "issued late to live longer": ["iat": .int(now + 30), "exp": .int(now + 3631)],
            "nbf ahead": ["nbf": .int(now + 31)], "iat ahead": ["iat": .int(now + 31)], "nbf text": ["nbf": "now"],
            "nbf null": ["nbf": .null], "iat beyond integers": ["iat": .double(-1e300)], "iat text": ["iat": "0"],
            "scope list": ["scope": ["talk", "read"]], "scope null": ["scope": .null], "scope number": ["scope": 7],
            "sub number": ["sub": 7], "sub empty": ["sub": ""], "sub null": ["sub": .null],
            "sub newline": ["sub": "a\nb"],
            "sub huge": ["sub": .string(String(repeating: "a", count: 257))], "sub bidi": ["sub": "a\u{202E}b"],
        ]
    }

    private static func texts(_ forge: TokenForge) throws -> [String: String] {
        let header = #"{"alg":"\#(forge.algorithm.rawValue)","kid":"key-1"}"#
        let claims = JSONValue.object(TokenForge.claims).text
        let good = try forge.token()
        let parts = good.split(separator: ".").map(String.init)
        let (head, body, tail) = (parts[0], parts[1], parts[2])
        let twice = #"{"alg":"none","alg":"\#(forge.algorithm.rawValue)","kid":"key-1"}"#
        return [
            "no signature": "\(head).\(body).", "no signature, no dot": "\(head).\(body)",
            "no claims": "\(head)..\(tail)",
            "no header": ".\(body).\(tail)", "only dots": "..", "padded": good + "=",
            "padded head": "\(head)==.\(body).\(tail)",
            "standard base64": "\(head).\(body).+/+/", "space behind": good + " ", "space before": " " + good,
            "newline": good + "\n", "NUL": good + "\u{0}", "five parts": good + "..", "twice": "\(good).\(good)",
            "duplicated alg": try forge.sign(header: twice, claims: claims),
            "duplicated exp": try forge.sign(header: header, claims: #"{"exp":1,"# + claims.dropFirst()),
            "duplicated aud": try forge.sign(header: header, claims: #"{"aud":"x","# + claims.dropFirst()),
            "duplicated scope": try forge.sign(header: header, claims: #"{"\u0073cope":"admin","# + claims.dropFirst()),
            "claims no object": try forge.sign(header: header, claims: "[]"),
            "claims no JSON": try forge.sign(header: header, claims: "exp"),
            "claims of nothing": try forge.sign(header: header, claims: "{}"),
            "claims with more behind": try forge.sign(header: header, claims: claims + "{}"),
            "header no object": try forge.sign(header: "\"none\"", claims: claims),
            "header of nothing": try forge.sign(header: "{}", claims: claims),
            "deep": try forge.sign(header: header, claims: String(repeating: "[", count: 4000)),
            "deep in a claim": try forge.sign(
                header: header,
                claims: #"{"x":\#(String(repeating: "[", count: 20))\#(String(repeating: "]", count: 20)),"#
                    + claims.dropFirst()),
            "too large": try forge.token(claims: ["x": .string(String(repeating: "a", count: 8192))]),
            "claims changed":
                "\(head).\(TokenForge.encode(Array(claims.replacing("read", with: "admin").utf8))).\(tail)",
            "signature of another":
                "\(head).\(body).\(try forge.token(claims: ["sub": "bob"]).split(separator: ".")[2])",
        ]
    }

    /// The public key, which everybody knows, as the secret of an HMAC; and no signature at all.
    private static func confused(_ forge: TokenForge) throws -> [String: String] {
        var tokens: [String: String] = [:]
        for (name, secret) in [
            "as configured": forge.configured, "with a newline": forge.configured + "\n", "empty": "",
            "trimmed": forge.configured.filter { !$0.isNewline },
        ] where secret != forge.configured || forge.algorithm != .hs256 {
            let hmac = TokenForge(signer: .hs256(secret))
            tokens["HS256 by the key \(name)"] = try hmac.token()
            tokens["\(forge.algorithm) by the key \(name)"] = try hmac.token(
                header: ["alg": .string(forge.algorithm.rawValue)])
        }
        let claims = TokenForge.encode(Array(JSONValue.object(TokenForge.claims).text.utf8))
        for word in ["none", "None", "nOnE"] {
            let header = TokenForge.encode(Array(#"{"alg":"\#(word)","kid":"key-1"}"#.utf8))
            tokens["unsigned \(word)"] = "\(header).\(claims)."
            tokens["signed with a letter \(word)"] = "\(header).\(claims).AA"
        }
        return tokens
    }
}
