// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials
package import SyrinxCore

/// A key that tokens are verified with, and the one algorithm that it is for.
package struct JWTKey: Sendable, CustomStringConvertible {
    private enum Material: Sendable {
        case es256(P256.Signing.PublicKey)
        case rs256(_RSA.Signing.PublicKey)
        case edDSA(Curve25519.Signing.PublicKey)
        case hs256(SymmetricKey)
    }

    package let algorithm: JWTAlgorithm
    private let material: Material

    /// - Parameter key: a public key as PEM (`BEGIN PUBLIC KEY`); with HS256 the secret itself.
    /// - Throws: `access.jwt_key`. It never shows the key.
    package init(algorithm: JWTAlgorithm, key: String) throws(SyrinxError) {
        self.algorithm = algorithm
        material = try algorithm == .hs256 ? Self.secret(key) : Self.publicKey(algorithm, key)
    }

    /// Whether the holder of the key has signed these bytes (RFC 7515 5.2). Never traps, whatever it is given.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch material {
        case .es256(let key):
            // The two numbers one after the other, not DER (RFC 7518 3.4).
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA256.hash(data: message))
        case .rs256(let key):
            guard signature.count == (key.keySizeInBits + 7) / 8 else { return false }
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            return key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
        case .edDSA(let key):
            guard signature.count == 64 else { return false }
            return key.isValidSignature(signature, for: message)
        case .hs256(let key):
            // Compared in constant time.
            return HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: message, using: key)
        }
    }

    package var description: String { algorithm.rawValue }
}

// MARK: - Reading what the operator wrote

extension JWTKey {
    /// RFC 7518 3.2: no shorter than the hash.
    static let minimumSecretBytes = 32

    private static func secret(_ text: String) throws(SyrinxError) -> Material {
        // A public key is known to everybody: as a secret it would let everybody sign.
        guard !text.contains("-----BEGIN") else {
            throw refusal("HS256 takes a secret, and this is a key in PEM", "set `algorithm` to that of the key")
        }
        guard text.utf8.count >= minimumSecretBytes else {
            throw refusal(
                "a secret of HS256 has 32 bytes or more, this one has \(text.utf8.count)",
                "make one with `openssl rand -base64 48`")
        }
        return .hs256(SymmetricKey(data: Array(text.utf8)))
    }

    private static func publicKey(_ algorithm: JWTAlgorithm, _ text: String) throws(SyrinxError) -> Material {
        guard !text.contains("PRIVATE KEY") else {
            throw refusal(
                "this is a private key, which belongs to the issuer alone",
                "`openssl pkey -pubout` writes the public one")
        }
        guard !text.contains("BEGIN CERTIFICATE") else {
            throw refusal("this is a certificate", "`openssl x509 -pubkey -noout` writes its public key")
        }
        guard text.contains("-----BEGIN") else {
            throw refusal("the key is not in PEM", "give the file that begins with `-----BEGIN PUBLIC KEY-----`")
        }
        guard let material = material(algorithm, pem: text) else {
            throw refusal("this is no public key of \(algorithm.rawValue)", algorithm.needs)
        }
        return material
    }

    private static func material(_ algorithm: JWTAlgorithm, pem: String) -> Material? {
        switch algorithm {
        case .es256: (try? P256.Signing.PublicKey(pemRepresentation: pem)).map(Material.es256)
        // Fewer than 2048 bits are refused here.
        case .rs256: (try? _RSA.Signing.PublicKey(pemRepresentation: pem)).map(Material.rs256)
        case .edDSA: ed25519(pem).map(Material.edDSA)
        case .hs256: nil
        }
    }

    /// RFC 8410 4: these twelve bytes, then the key.
    private static func ed25519(_ pem: String) -> Curve25519.Signing.PublicKey? {
        let head: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
        let lines = pem.split(whereSeparator: \.isNewline).map { $0.filter { !$0.isWhitespace } }
        guard lines.first == "-----BEGINPUBLICKEY-----", lines.last == "-----ENDPUBLICKEY-----",
            let der = Data(base64Encoded: lines.dropFirst().dropLast().joined()), der.count == head.count + 32,
            der.starts(with: head)
        else { return nil }
        return try? Curve25519.Signing.PublicKey(rawRepresentation: der.suffix(32))
    }

    private static func refusal(_ message: String, _ fix: String) -> SyrinxError {
        SyrinxError("access.jwt_key", message, fix: fix)
    }
}

extension JWTAlgorithm {
    fileprivate var needs: String {
        switch self {
        case .es256: "give a public key of the curve P-256"
        case .rs256: "give an RSA public key of 2048 bits or more"
        case .edDSA: "give an Ed25519 public key"
        case .hs256: "give a secret of 32 bytes or more"
        }
    }
}
