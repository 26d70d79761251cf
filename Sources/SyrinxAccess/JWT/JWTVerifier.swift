// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// All rules of all tenants. The rule of a token is found by what the token says (`kid`, `iss`, `aud`), so that one
/// signature is checked and not one for each key; no two rules may answer to the same.
struct JWTVerifier: Sendable {
    /// Bytes, not strings: equal strings of Swift may differ in their bytes.
    private struct Address: Hashable {
        var keyID: [UInt8]?
        var issuer: [UInt8]
        var audience: [UInt8]

        init(keyID: String?, issuer: String, audience: String) {
            self.keyID = keyID.map { Array($0.utf8) }
            self.issuer = Array(issuer.utf8)
            self.audience = Array(audience.utf8)
        }
    }

    struct Verified {
        var rule: JWTRule
        /// Not checked against the clock yet.
        var claims: JSONValue
    }

    /// Members of `aud` that are looked at.
    private static let maximumAudiences = 16

    private var rules: [Address: JWTRule] = [:]
    /// Without a `kid`: of tenants with exactly one key, where no other such tenant has the same issuer and audience.
    private var withoutKeyID: [Address: [JWTRule]] = [:]

    /// - Returns: the tenant whose rule answers to the same already; then nothing is added.
    mutating func add(_ rule: JWTRule, issuer: String, audience: String, isOnly: Bool) -> String? {
        let address = Address(keyID: rule.name, issuer: issuer, audience: audience)
        if let other = rules[address] { return other.tenant }
        rules[address] = rule
        guard isOnly else { return nil }
        withoutKeyID[Address(keyID: nil, issuer: issuer, audience: audience), default: []].append(rule)
        return nil
    }

    /// Nil for everything that no configured key has signed.
    /// - Parameter tenant: whose rules alone count; nil = all.
    func verify(_ text: String, of tenant: String?) -> Verified? {
        guard let token = CompactToken(text), let rule = rule(for: token, of: tenant),
            rule.key.algorithm == token.algorithm, rule.key.verifies(token.signature, of: token.signedBytes)
        else { return nil }
        return Verified(rule: rule, claims: token.claims)
    }

    private func rule(for token: CompactToken, of tenant: String?) -> JWTRule? {
        guard let issuer = token.claims["iss"]?.string else { return nil }
        for audience in Self.audiences(token.claims["aud"]) {
            let address = Address(keyID: token.keyID, issuer: issuer, audience: audience)
            let all = token.keyID == nil ? withoutKeyID[address] ?? [] : rules[address].map { [$0] } ?? []
            let candidates = all.filter { tenant == nil || $0.tenant == tenant }
            if candidates.count == 1 { return candidates.first }
        }
        return nil
    }

    /// One, or several (RFC 7519 4.1.3); nothing of a list with anything else in it.
    private static func audiences(_ value: JSONValue?) -> [String] {
        if let audience = value?.string { return [audience] }
        guard let members = value?.array, members.count <= maximumAudiences else { return [] }
        let audiences = members.compactMap(\.string)
        return audiences.count == members.count ? audiences : []
    }
}
