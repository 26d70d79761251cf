// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The server's end of a test's connection, which lies in this process too. The kernel would keep megabytes for a
/// client that does not read: half a minute of audio. With less room, a test need not wait for so long.
enum ServerSocket {
    static func shrink(towards port: Int) {
        for descriptor in Int32(3)..<4_096 where peer(of: descriptor) == port {
            var bytes: Int32 = 4_096
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    private static func peer(of descriptor: Int32) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        return found == 0 ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
