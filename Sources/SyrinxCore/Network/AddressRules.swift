// SPDX-License-Identifier: Apache-2.0

/// Which addresses plugins may reach, once a name is resolved: all that are public, and what the operator allows.
///
/// A name may resolve to an inner address at any time (DNS rebinding), so the address that is really connected to is
/// judged, not the name.
package struct AddressRules: Sendable, Hashable {
    /// Networks that are allowed although they are not public.
    package var allowed: [AddressRange]

    package init(allowed: [AddressRange] = []) { self.allowed = allowed }

    /// - Parameter address: 4 bytes, or 16.
    package func allow(_ address: [UInt8]) -> Bool {
        let address = Self.unmapped(address)
        guard address.count == 4 || address.count == 16 else { return false }
        if allowed.contains(where: { $0.contains(address) }) { return true }
        return !Self.notPublic.contains { $0.contains(address) }
    }

    /// `::ffff:10.0.0.1` is `10.0.0.1`, and so is what NAT64 makes of it (RFC 6052).
    static func unmapped(_ address: [UInt8]) -> [UInt8] {
        guard address.count == 16 else { return address }
        let isMapped = address.prefix(10).allSatisfy { $0 == 0 } && address[10] == 0xff && address[11] == 0xff
        let isTranslated = Array(address.prefix(12)) == [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        return isMapped || isTranslated ? Array(address.suffix(4)) : address
    }

    /// Special-purpose addresses (RFC 6890 and the IANA registries): private, loopback, link-local with the clouds'
    /// metadata services, shared, reserved, multicast, documentation.
    private static let notPublic: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "::/96", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16", "fc00::/7",
        "64:ff9b:1::/48", "3fff::/20", "5f00::/16", "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap(AddressRange.init)
}

/// A network in CIDR notation; a bare address is a network of one.
package struct AddressRange: Sendable, Hashable {
    private let bytes: [UInt8]
    private let bits: Int
    /// As it was written.
    package let text: String

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let bytes = IPAddress.parse(String(parts[0])) else { return nil }
        var bits = bytes.count * 8
        if parts.count == 2 {
            guard parts[1].count <= 3, let number = Int(parts[1]), (0...bits).contains(number) else { return nil }
            bits = number
        }
        self.bytes = bytes
        self.bits = bits
        self.text = text
    }

    package func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        let whole = bits / 8
        guard address.prefix(whole).elementsEqual(bytes.prefix(whole)) else { return false }
        let rest = bits % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xff << (8 - rest))
        return address[whole] & mask == bytes[whole] & mask
    }
}
