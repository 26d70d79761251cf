// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Whom limits count as one: an IPv4 address, or the /64 network of an IPv6 address, of which every subscriber has a
/// whole one to choose from.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// From an address without port, with or without a zone (`fe80::1%eth0`); nil when it is none. An IPv4 address in
    /// IPv6 clothes (`::ffff:192.0.2.1`) is an IPv4 address.
    package init?(_ text: String) {
        // inet_pton reads up to a NUL.
        guard text.utf8.count <= 64, !text.utf8.contains(0) else { return nil }
        let address = String(text.prefix { $0 != "%" })
        var octets = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, address, &octets) == 1 {
            bytes = Array(octets.prefix(4))
        } else if inet_pton(AF_INET6, address, &octets) == 1 {
            bytes = Array(octets.starts(with: Self.mapped) ? octets.suffix(4) : octets.prefix(8))
        } else {
            return nil
        }
    }

    /// Whether it is of this machine.
    package var isLoopback: Bool { bytes.count == 4 ? bytes.first == 127 : self == Self.loopback6 }

    package var description: String {
        guard bytes.count == 8 else { return bytes.map { "\($0)" }.joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }

    /// RFC 4291 2.5.5.2.
    private static let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
    /// The network of `::1`, in which there is nothing else.
    private static let loopback6 = PeerAddress(bytes: Array(repeating: 0, count: 8))

    private init(bytes: [UInt8]) { self.bytes = bytes }
}
