// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// A listening socket that this process did not open: who started it holds it, and may hand it to the next one as well.
package struct InheritedSocket: Sendable, Equatable {
    package let descriptor: Int32
    /// Where it listens, as the kernel says.
    package let host: String
    package let port: Int

    private static let first: Int32 = 3

    /// What systemd passes (sd_listen_fds(3)): one listening TCP socket.
    /// - Returns: nil when nothing was passed to this process.
    /// - Throws: `server.listen_failed` when it is anything else.
    package static func passed(
        _ environment: [String: String], process: Int32 = getpid()
    ) throws(SyrinxError) -> InheritedSocket? {
        guard let pid = environment["LISTEN_PID"].flatMap(Int32.init), pid == process,
            let count = environment["LISTEN_FDS"].flatMap(Int32.init), count > 0
        else { return nil }
        guard count == 1 else { throw unusable("\(count) sockets were passed, and there is use for one") }
        return try InheritedSocket(first)
    }

    /// - Throws: `server.listen_failed`.
    package init(_ descriptor: Int32) throws(SyrinxError) {
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0, listens != 0 else {
            throw Self.unusable("descriptor \(descriptor) is no listening socket")
        }
        guard let (host, port) = Self.address(of: descriptor) else {
            throw Self.unusable("the socket that was passed is none of TCP")
        }
        // Helpers and what they start have no business with it.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        (self.descriptor, self.host, self.port) = (descriptor, host, port)
    }

    private static func address(of descriptor: Int32) -> (host: String, port: Int)? {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let isKnown = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(descriptor, address, &size) == 0
                    && [AF_INET, AF_INET6].contains(Int32(address.pointee.sa_family))
                    && getnameinfo(
                        address, size, &host, socklen_t(host.count), &port, socklen_t(port.count),
                        NI_NUMERICHOST | NI_NUMERICSERV) == 0
            }
        }
        guard isKnown, let number = Int(text(port)) else { return nil }
        return (text(host), number)
    }

    private static func text(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func unusable(_ why: String) -> SyrinxError {
        SyrinxError(
            "server.listen_failed", "the socket of LISTEN_FDS cannot be used: \(why)",
            fix: "pass one listening TCP socket, or none")
    }
}
