// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import SyrinxCore
import Testing

@testable import SyrinxAccess

struct JWTKeyTests {
    @Test(arguments: ForeignToken.all)
    func `what another implementation signed is taken`(foreign: ForeignToken) throws {
        let key = try JWTKey(algorithm: foreign.algorithm, key: foreign.key)
        let token = try #require(CompactToken(foreign.token))
        #expect(token.algorithm == foreign.algorithm)
        #expect(key.verifies(token.signature, of: token.signedBytes))
    }

    @Test(arguments: ForeignToken.all)
    func `one bit that differs is not taken`(foreign: ForeignToken) throws {
        let key = try JWTKey(algorithm: foreign.algorithm, key: foreign.key)
        let token = try #require(CompactToken(foreign.token))
        for index in stride(from: 0, to: token.signature.count, by: 5) {
            var signature = token.signature
            signature[index] ^= 1
            #expect(!key.verifies(signature, of: token.signedBytes))
        }
        for index in stride(from: 0, to: token.signedBytes.count, by: 11) {
            var message = token.signedBytes
            message[index] ^= 1
            #expect(!key.verifies(token.signature, of: message))
        }
    }

    @Test(arguments: ForeignToken.all)
    func `signatures of odd sizes and of zeros are not taken`(foreign: ForeignToken) throws {
        let key = try JWTKey(algorithm: foreign.algorithm, key: foreign.key)
        let token = try #require(CompactToken(foreign.token))
        for count in [0, 1, 31, 32, 33, 63, 64, 65, 128, 255, 256, 257, 4096] {
            #expect(!key.verifies([UInt8](repeating: 0, count: count), of: token.signedBytes))
            #expect(!key.verifies([UInt8](repeating: 0xFF, count: count), of: token.signedBytes))
        }
        #expect(!key.verifies(token.signature + [0], of: token.signedBytes))
        #expect(!key.verifies(token.signature.dropLast(), of: token.signedBytes))
        #expect(!key.verifies(token.signature, of: []))
    }

    @Test func `a secret of 32 bytes is long enough, one of 31 is not`() throws {
        _ = try JWTKey(algorithm: .hs256, key: String(repeating: "a", count: 32))
        expectRefusal(.hs256, String(repeating: "a", count: 31), "this one has 31")
    }

    @Test func `a public key as the secret of HS256 is refused`() throws {
        expectRefusal(.hs256, ForeignToken.rs256.key, "is a key in PEM")
        expectRefusal(.hs256, ForeignToken.es256.key, "is a key in PEM")
    }

    @Test func `private keys and certificates are refused with the command that helps`() {
        expectRefusal(.es256, P256.Signing.PrivateKey().pemRepresentation, "private key")
        expectRefusal(.rs256, "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----", "private key")
        expectRefusal(.rs256, "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----", "certificate")
    }

    @Test func `a key of another kind, of another curve or too short is refused`() throws {
        for (algorithm, key) in [
            (JWTAlgorithm.es256, ForeignToken.rs256.key), (.es256, ForeignToken.edDSA.key),
            (.es256, P384.Signing.PrivateKey().publicKey.pemRepresentation), (.rs256, ForeignToken.es256.key),
            (.rs256, ForeignToken.edDSA.key), (.edDSA, ForeignToken.es256.key), (.edDSA, ForeignToken.rs256.key),
            (.rs256, try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1024)).publicKey.pemRepresentation),
        ] { expectRefusal(algorithm, key, "no public key of \(algorithm.rawValue)") }
    }

    @Test(arguments: [JWTAlgorithm.es256, .rs256, .edDSA])
    func `texts that are no keys are refused`(algorithm: JWTAlgorithm) {
        expectRefusal(algorithm, "", "not in PEM")
        expectRefusal(algorithm, "acme.pem", "not in PEM")
        for body in ["", "AAAA", "!!!!", String(repeating: "A", count: 10_000), "é\u{0}"] {
            expectRefusal(
                algorithm, "-----BEGIN PUBLIC KEY-----\n\(body)\n-----END PUBLIC KEY-----", "no public key")
        }
    }

    @Test func `a fault never shows the key`() {
        let secret = "a-secret-that-is-short"
        let error = #expect(throws: SyrinxError.self) { try JWTKey(algorithm: .hs256, key: secret) }
        #expect(error.map { "\($0)".contains(secret) } == false)
        #expect(throws: SyrinxError.self) { try JWTKey(algorithm: .es256, key: secret) }
    }

    private func expectRefusal(_ algorithm: JWTAlgorithm, _ key: String, _ part: String) {
        let error = #expect(throws: SyrinxError.self) { try JWTKey(algorithm: algorithm, key: key) }
        #expect(error?.code == "access.jwt_key")
        #expect(error?.message.contains(part) == true, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.fix != nil)
    }
}

struct Base64URLTests {
    @Test func `vectors of RFC 4648`() {
        for (text, plain) in [
            ("", ""), ("Zg", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] { #expect(Base64URL.decode(text.utf8) == Array(plain.utf8)) }
        #expect(Base64URL.decode("-_-_".utf8) == [0xFB, 0xFF, 0xBF])
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm9vZ", "Zm+v", "Zm/v", " Zg", "Zg\n", "Zg.", "é", "Z\u{0}"])
    func `what the RFC would not write is refused`(text: String) { #expect(Base64URL.decode(text.utf8) == nil) }
}
