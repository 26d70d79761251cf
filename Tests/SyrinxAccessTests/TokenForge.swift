// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import FoundationEssentials
import SyrinxCore

@testable import SyrinxAccess

/// Signs whatever it is told to, well-formed or not.
struct TokenForge: Sendable {
    static let issuer = "issuer.example"
    static let audience = "syrinx"
    /// 2026-01-01.
    static let now = UnixTime(seconds: 1_767_225_600)

    enum Signer: Sendable {
        case es256(P256.Signing.PrivateKey)
        case rs256(_RSA.Signing.PrivateKey)
        case edDSA(Curve25519.Signing.PrivateKey)
        case hs256(String)
    }

    var signer: Signer

    static func make(_ algorithm: JWTAlgorithm) throws -> TokenForge {
        switch algorithm {
        case .es256: TokenForge(signer: .es256(P256.Signing.PrivateKey()))
        case .rs256: TokenForge(signer: .rs256(try _RSA.Signing.PrivateKey(keySize: .bits2048)))
        case .edDSA: TokenForge(signer: .edDSA(Curve25519.Signing.PrivateKey()))
        case .hs256: TokenForge(signer: .hs256(SecretText.random(48)))
        }
    }

    var algorithm: JWTAlgorithm {
        switch signer {
        case .es256: .es256
        case .rs256: .rs256
        case .edDSA: .edDSA
        case .hs256: .hs256
        }
    }

    /// As the operator writes it into the configuration.
    var configured: String {
        switch signer {
        case .es256(let key): key.publicKey.pemRepresentation
        case .rs256(let key): key.publicKey.pemRepresentation
        case .edDSA(let key):
            "-----BEGIN PUBLIC KEY-----\n"
                + Data(
                    [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
                        + key.publicKey.rawRepresentation
                )
                .base64EncodedString() + "\n-----END PUBLIC KEY-----"
        case .hs256(let secret): secret
        }
    }

    /// A token that the rule of the tests takes, but for what is changed.
    func token(header: [String: JSONValue?] = [:], claims: [String: JSONValue?] = [:]) throws -> String {
        let headerValue = Self.merged(["alg": .string(algorithm.rawValue), "typ": "JWT", "kid": "key-1"], header)
        let claimsValue = Self.merged(Self.claims, claims)
        return try sign(header: headerValue.text, claims: claimsValue.text)
    }

    static let claims: [String: JSONValue] = [
        "iss": .string(issuer), "aud": .string(audience), "sub": "ann", "scope": "talk read",
        "iat": .int(now.seconds), "exp": .int(now.seconds + 3600),
    ]

    func sign(header: String, claims: String) throws -> String {
        let message = "\(Self.encode(Array(header.utf8))).\(Self.encode(Array(claims.utf8)))"
        return "\(message).\(Self.encode(try signature(Array(message.utf8))))"
    }

    func signature(_ message: [UInt8]) throws -> [UInt8] {
        switch signer {
        case .es256(let key): Array(try key.signature(for: message).rawRepresentation)
        case .rs256(let key): Array(try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
        case .edDSA(let key): Array(try key.signature(for: message))
        case .hs256(let secret):
            Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: Array(secret.utf8))))
        }
    }

    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func merged(_ base: [String: JSONValue], _ changes: [String: JSONValue?]) -> JSONValue {
        var result = base
        for (key, value) in changes { result[key] = value }
        return .object(result)
    }
}
