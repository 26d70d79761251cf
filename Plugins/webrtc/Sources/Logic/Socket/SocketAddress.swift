// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// An IP address and a port; an IPv4 address inside IPv6 is kept as IPv4.
///
/// It is compared and hashed for every datagram, and so it is two words instead of an array.
struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as a number: IPv4 in the lower word alone.
    private let upper: UInt64
    private let lower: UInt64
    let isIPv6: Bool
    let port: UInt16

    /// - Parameter address: Four or sixteen bytes.
    init(address: [UInt8], port: UInt16) {
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        if address.count == 16 {
            self.init(upper: number(address.prefix(8)), lower: number(address.suffix(8)), port: port)
        } else {
            self.init(four: UInt32(truncatingIfNeeded: number(address.prefix(4))), port: port)
        }
    }

    private init(upper: UInt64, lower: UInt64, port: UInt16) {
        // ::ffff:0:0/96 (RFC 4291, 2.5.5.2).
        isIPv6 = upper != 0 || lower >> 32 != 0xFFFF
        self.upper = upper
        self.lower = isIPv6 ? lower : lower & 0xFFFF_FFFF
        self.port = port
    }

    private init(four: UInt32, port: UInt16) {
        upper = 0
        lower = UInt64(four)
        isIPv6 = false
        self.port = port
    }

    /// Reads a literal; names are not looked up.
    init?(_ text: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(address: withUnsafeBytes(of: four) { Array($0) }, port: port)
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(address: withUnsafeBytes(of: six) { Array($0) }, port: port)
        } else {
            return nil
        }
    }

    init?(_ raw: sockaddr_storage) {
        var raw = raw
        switch Int32(raw.ss_family) {
        case AF_INET:
            self = withUnsafeBytes(of: &raw) { bytes in
                let four = bytes.load(as: sockaddr_in.self)
                return Self(four: UInt32(bigEndian: four.sin_addr.s_addr), port: UInt16(bigEndian: four.sin_port))
            }
        case AF_INET6:
            self = withUnsafeBytes(of: &raw) { bytes in
                let six = bytes.load(as: sockaddr_in6.self)
                return withUnsafeBytes(of: six.sin6_addr) { address in
                    Self(
                        upper: UInt64(bigEndian: address.loadUnaligned(as: UInt64.self)),
                        lower: UInt64(bigEndian: address.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                        port: UInt16(bigEndian: six.sin6_port))
                }
            }
        default: return nil
        }
    }

    /// Four or sixteen bytes.
    var address: [UInt8] {
        var bytes: [UInt8] = []
        if isIPv6 { bytes.append(bigEndian: upper) }
        if isIPv6 { bytes.append(bigEndian: lower) } else { bytes.append(bigEndian: UInt32(truncatingIfNeeded: lower)) }
        return bytes
    }

    /// 0.0.0.0 or ::, which is no place to send to.
    var isWildcard: Bool { upper == 0 && lower == 0 }

    /// The address without the port.
    var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isIPv6 ? AF_INET6 : AF_INET
        guard inet_ntop(family, address, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The system's form; on a socket of IPv6 an IPv4 address is a mapped one.
    func withRaw<Result>(onIPv6 socketIsIPv6: Bool, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let size = withUnsafeMutableBytes(of: &storage) { raw -> Int in
            socketIsIPv6 ? fill6(raw) : fill4(raw)
        }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }

    private func fill4(_ raw: UnsafeMutableRawBufferPointer) -> Int {
        var value = sockaddr_in()
        value.sin_family = sa_family_t(AF_INET)
        value.sin_port = port.bigEndian
        value.sin_addr.s_addr = UInt32(truncatingIfNeeded: lower).bigEndian
        withUnsafeBytes(of: value) { raw.copyMemory(from: $0) }
        return MemoryLayout<sockaddr_in>.size
    }

    private func fill6(_ raw: UnsafeMutableRawBufferPointer) -> Int {
        var value = sockaddr_in6()
        value.sin6_family = sa_family_t(AF_INET6)
        value.sin6_port = port.bigEndian
        let words = (upper.bigEndian, (isIPv6 ? lower : lower | 0xFFFF_0000_0000).bigEndian)
        withUnsafeMutableBytes(of: &value.sin6_addr) { address in
            withUnsafeBytes(of: words) { address.copyMemory(from: $0) }
        }
        withUnsafeBytes(of: value) { raw.copyMemory(from: $0) }
        return MemoryLayout<sockaddr_in6>.size
    }
}
