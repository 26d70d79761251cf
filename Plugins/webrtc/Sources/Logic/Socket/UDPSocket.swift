// SPDX-License-Identifier: Apache-2.0
internal import SocketThreads
internal import SyrinxPlugin

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A bound UDP socket that never blocks.
final class UDPSocket: Sendable {
    /// Longer datagrams are none of ours; one byte more than they may be tells them.
    static let maximumDatagram = 1_501

    let local: SocketAddress
    private let descriptor: Int32
    private let isIPv6: Bool

    init(binding address: SocketAddress) throws(PluginError) {
        isIPv6 = address.isIPv6
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw .unavailable("no UDP socket can be made: \(Self.reason)") }
        var size: Int32 = 1 << 20
        // As much as the system allows; the default holds some 200 packets.
        _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        let bound = address.withRaw(onIPv6: address.isIPv6) { bind(descriptor, $0, $1) }
        guard bound == 0, let local = Self.localAddress(descriptor) else {
            let reason = Self.reason
            close(descriptor)
            throw .invalid("the UDP address \(address) cannot be used: \(reason)")
        }
        self.descriptor = descriptor
        self.local = local
    }

    deinit { close(descriptor) }

    /// Sends a datagram, or loses it when the system's buffer is full, as a network would.
    func send(_ bytes: [UInt8], to peer: SocketAddress) {
        guard isIPv6 || !peer.isIPv6 else { return }
        _ = peer.withRaw(onIPv6: isIPv6) { address, size in
            bytes.withUnsafeBytes { sendto(descriptor, $0.baseAddress, $0.count, 0, address, size) }
        }
    }

    /// The next datagram that waits; nil when there is none.
    func receive(into room: inout [UInt8]) -> (bytes: [UInt8], peer: SocketAddress)? {
        for _ in 0..<16 {
            var storage = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &room, room.count, 0, $0, &size)
                }
            }
            // An error of an earlier datagram is reported once, and is of no interest.
            if count < 0 { if errno == EAGAIN { return nil } else { continue } }
            guard count > 0, let peer = SocketAddress(storage) else { continue }
            return (Array(room.prefix(count)), peer)
        }
        return nil
    }

    /// Waits for a datagram, or to be woken; a negative time waits for ever.
    func wait(or wakeup: Wakeup, milliseconds: Int32 = -1) {
        var watched = [Watched(descriptor)]
        wakeup.wait(milliseconds: milliseconds, orFor: &watched)
    }

    private static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return status == 0 ? SocketAddress(storage) : nil
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
