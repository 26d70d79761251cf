// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The system's resolver: /etc/hosts, DNS, whatever its configuration says. Blocks.
enum SystemLookup {
    /// More addresses than these of one name are not tried.
    private static let most = 16

    static func addresses(of name: String) throws(NetworkFailure) -> [[UInt8]] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &list)
        guard status == 0 else {
            throw NetworkFailure(
                .noSuchHost, "no address for the name \(name): \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(list) }
        var found: [[UInt8]] = []
        var next = list
        while let entry = next, found.count < most {
            if let bytes = bytes(of: entry.pointee), !found.contains(bytes) { found.append(bytes) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func bytes(of entry: addrinfo) -> [UInt8]? {
        guard let address = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return part(of: address, at: 4, count: 4)
        case AF_INET6:
            return part(of: address, at: 8, count: 16)
        default: return nil
        }
    }

    /// By place: a whole-module build takes the members of `sockaddr_in` and `sockaddr_in6` for another module's.
    private static func part(of address: UnsafeRawPointer, at offset: Int, count: Int) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: address + offset, count: count))
    }
}
