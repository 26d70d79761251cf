// SPDX-License-Identifier: Apache-2.0

/// A STUN message (RFC 8489) as a peer sent it.
///
/// Parsing takes any bytes; only ``hasIntegrity(password:)`` tells whether the sender knows the password.
struct STUNMessage {
    /// What ICE uses of the attributes (RFC 8445, 16.1).
    enum Attribute {
        static let username: UInt16 = 0x0006
        static let messageIntegrity: UInt16 = 0x0008
        static let xorMappedAddress: UInt16 = 0x0020
        static let priority: UInt16 = 0x0024
        static let useCandidate: UInt16 = 0x0025
        static let fingerprint: UInt16 = 0x8028
    }

    static let bindingRequest: UInt16 = 0x0001
    static let bindingSuccess: UInt16 = 0x0101
    static let magicCookie: UInt32 = 0x2112_A442
    private static let headerBytes = 20
    private static let digestBytes = 20
    private static let maximumAttributes = 32

    let type: UInt16
    let transaction: [UInt8]
    private(set) var username = ""
    private(set) var priority: UInt32 = 0
    private(set) var usesCandidate = false
    private let bytes: [UInt8]
    private var integrity: (offset: Int, digest: [UInt8])?

    /// Nil for what is no STUN message, and for one whose FINGERPRINT is wrong.
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes[...])
        guard let type = reader.readUInt16(), type & 0xC000 == 0, let length = reader.readUInt16(),
            length % 4 == 0, Int(length) + Self.headerBytes == bytes.count,
            reader.readUInt32() == Self.magicCookie, let transaction = reader.read(12)
        else { return nil }
        self.type = type
        self.transaction = Array(transaction)
        self.bytes = bytes
        var count = 0
        while reader.remaining > 0 {
            let offset = bytes.count - reader.remaining
            guard count < Self.maximumAttributes, let kind = reader.readUInt16(), let size = reader.readUInt16(),
                let value = reader.read(Int(size)), reader.read((4 - Int(size) % 4) % 4) != nil
            else { return nil }
            guard take(kind, value, at: offset) else { return nil }
            count += 1
        }
    }

    /// True when the sender knows the password (RFC 8489, 14.5).
    func hasIntegrity(password: String) -> Bool {
        guard let integrity else { return false }
        var covered = Array(bytes.prefix(integrity.offset))
        // The length says where the attribute ends, whatever follows it.
        covered.overwrite(UInt16(clamping: integrity.offset + 4), at: 2)
        return Digests.areEqual(Digests.hmacSHA1(key: Array(password.utf8), covered), integrity.digest)
    }

    /// False for an attribute that makes the message a wrong one. What follows the integrity is not covered by it, so
    /// nothing but the fingerprint is read there.
    private mutating func take(_ kind: UInt16, _ value: ArraySlice<UInt8>, at offset: Int) -> Bool {
        if kind == Attribute.fingerprint {
            var reader = ByteReader(value)
            guard value.count == 4, let sum = reader.readUInt32() else { return false }
            return sum == CRC32.fingerprint(bytes.prefix(offset)) && offset + 8 == bytes.count
        }
        guard integrity == nil else { return true }
        switch kind {
        case Attribute.username:
            guard value.count <= 513 else { return false }
            username = String(decoding: value, as: UTF8.self)
        case Attribute.priority:
            var reader = ByteReader(value)
            guard let number = reader.readUInt32() else { return false }
            priority = number
        case Attribute.useCandidate: usesCandidate = true
        case Attribute.messageIntegrity:
            guard value.count == Self.digestBytes else { return false }
            integrity = (offset, Array(value))
        default: break
        }
        return true
    }
}

extension STUNMessage {
    /// The answer to a binding request: where it came from, signed (RFC 8489, 7.3.1).
    static func success(transaction: [UInt8], to peer: SocketAddress, password: String) -> [UInt8] {
        var body: [UInt8] = []
        body.append(bigEndian: Attribute.xorMappedAddress)
        let address = xored(peer, transaction)
        body.append(bigEndian: UInt16(address.count))
        body += address
        return sign(bindingSuccess, transaction, body, password: password)
    }

    /// A binding request, as a peer that checks connectivity sends it; for tests and tools.
    static func request(
        transaction: [UInt8],
        username: String,
        password: String,
        priority: UInt32 = 1,
        usesCandidate: Bool = false
    ) -> [UInt8] {
        var body: [UInt8] = []
        let name = Array(username.utf8)
        body.append(bigEndian: Attribute.username)
        body.append(bigEndian: UInt16(clamping: name.count))
        body += name + [UInt8](repeating: 0, count: (4 - name.count % 4) % 4)
        body.append(bigEndian: Attribute.priority)
        body.append(bigEndian: UInt16(4))
        body.append(bigEndian: priority)
        if usesCandidate {
            body.append(bigEndian: Attribute.useCandidate)
            body.append(bigEndian: UInt16(0))
        }
        return sign(bindingRequest, transaction, body, password: password)
    }

    /// Adds MESSAGE-INTEGRITY and FINGERPRINT; each is computed with a length that counts itself.
    private static func sign(
        _ type: UInt16,
        _ transaction: [UInt8],
        _ body: [UInt8],
        password: String
    ) -> [UInt8] {
        var message: [UInt8] = []
        message.append(bigEndian: type)
        message.append(bigEndian: UInt16(clamping: body.count + 24))
        message.append(bigEndian: magicCookie)
        message += transaction + body
        let digest = Digests.hmacSHA1(key: Array(password.utf8), message)
        message.append(bigEndian: Attribute.messageIntegrity)
        message.append(bigEndian: UInt16(digest.count))
        message += digest
        message.overwrite(UInt16(clamping: body.count + 32), at: 2)
        let sum = CRC32.fingerprint(message[...])
        message.append(bigEndian: Attribute.fingerprint)
        message.append(bigEndian: UInt16(4))
        message.append(bigEndian: sum)
        return message
    }

    private static func xored(_ peer: SocketAddress, _ transaction: [UInt8]) -> [UInt8] {
        var mask: [UInt8] = []
        mask.append(bigEndian: magicCookie)
        mask += transaction
        var value: [UInt8] = [0, peer.isIPv6 ? 2 : 1]
        value.append(bigEndian: peer.port ^ UInt16(truncatingIfNeeded: magicCookie >> 16))
        value += zip(peer.address, mask).map { $0 ^ $1 }
        return value
    }
}

/// The checksum of FINGERPRINT.
enum CRC32 {
    private static let table: [UInt32] = (UInt32(0)..<256).map { index in
        (0..<8).reduce(index) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    /// RFC 8489, 14.7: with "STUN" over it, so that it is no other protocol's checksum.
    static func fingerprint(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let sum = bytes.reduce(UInt32.max) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
        return ~sum ^ 0x5354_554E
    }
}
