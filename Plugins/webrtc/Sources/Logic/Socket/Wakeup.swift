// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A pipe that ends somebody's wait.
final class Wakeup: Sendable {
    /// Readable from ``signal()`` on, until ``wait(milliseconds:)`` returns.
    private let waiting: Int32
    private let signalling: Int32

    init() throws(PluginError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw .unavailable("no pipe can be made: \(String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        waiting = ends[0]
        signalling = ends[1]
    }

    deinit {
        close(waiting)
        close(signalling)
    }

    func signal() {
        // A full pipe wakes as well.
        _ = write(signalling, [1], 1)
    }

    /// Waits for ``signal()``, or for `descriptor` to be readable; a negative time waits for ever.
    func wait(milliseconds: Int32, orFor descriptor: Int32 = -1) {
        var descriptors = [
            pollfd(fd: waiting, events: Int16(POLLIN), revents: 0),
            // A negative one is passed over.
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&descriptors, 2, milliseconds) > 0, descriptors[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = read(waiting, &bytes, bytes.count)
    }
}
