// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A bound TCP socket that never blocks.
final class TCPListener: Sendable {
    let descriptor: Int32
    let port: UInt16

    init(_ address: String, port: UInt16) throws(PluginError) {
        let isIPv6 = address.contains(":")
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .unavailable("no TCP socket can be made: \(Self.reason)") }
        Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        let status = isIPv6 ? Self.bind6(descriptor, address, port) : Self.bind4(descriptor, address, port)
        guard let status else {
            closeDescriptor(descriptor)
            throw .invalid("config: 'listen' is no IP address: '\(address)'")
        }
        guard status == 0, listen(descriptor, 128) == 0, let bound = Self.localPort(descriptor) else {
            let reason = Self.reason
            closeDescriptor(descriptor)
            throw .invalid("the TCP address \(address), port \(port), cannot be used: \(reason)")
        }
        self.descriptor = descriptor
        self.port = bound
    }

    deinit { closeDescriptor(descriptor) }

    /// The next peer that waits, ready to be read; nil when there is none.
    func accept() -> Int32? {
        let peer = acceptPeer(descriptor)
        guard peer >= 0 else { return nil }
        _ = fcntl(peer, F_SETFL, O_NONBLOCK)
        _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
        Self.set(peer, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // Whose machine is gone, and whoever reads nothing, is given up after 20 s.
        Self.set(peer, SOL_SOCKET, SO_KEEPALIVE, 1)
        Self.set(peer, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10)
        Self.set(peer, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        Self.set(peer, Int32(IPPROTO_TCP), TCP_KEEPCNT, 2)
        Self.set(peer, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 20_000)
        return peer
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// - Returns: the system's status; nil when the text is no address.
    private static func bind4(_ descriptor: Int32, _ address: String, _ port: UInt16) -> Int32? {
        var value = sockaddr_in()
        value.sin_family = sa_family_t(AF_INET)
        value.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &value.sin_addr) == 1 else { return nil }
        return withUnsafePointer(to: &value) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func bind6(_ descriptor: Int32, _ address: String, _ port: UInt16) -> Int32? {
        var value = sockaddr_in6()
        value.sin6_family = sa_family_t(AF_INET6)
        value.sin6_port = port.bigEndian
        guard inet_pton(AF_INET6, address, &value.sin6_addr) == 1 else { return nil }
        return withUnsafePointer(to: &value) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    /// The port stands at the same place for both families.
    private static func localPort(_ descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard status == 0 else { return nil }
        return withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
