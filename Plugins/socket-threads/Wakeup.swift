// SPDX-License-Identifier: Apache-2.0
package import SyrinxPlugin

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A descriptor to be waited for.
package struct Watched {
    package let descriptor: Int32
    /// That it can be written to counts, too.
    package var wantsToWrite = false
    /// What the last wait found.
    package fileprivate(set) var isReady = false

    package init(_ descriptor: Int32, wantsToWrite: Bool = false) {
        self.descriptor = descriptor
        self.wantsToWrite = wantsToWrite
    }
}

/// A pipe that ends somebody's wait. One thread waits, anybody signals.
package final class Wakeup: Sendable {
    /// Readable from ``signal()`` on, until ``wait(milliseconds:orFor:)`` returns.
    private let waiting: Int32
    private let signalling: Int32

    /// - Throws: `SYX_EUNAVAILABLE` when the process has no descriptors left.
    package init() throws(PluginError) {
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

    package func signal() {
        // A full pipe wakes as well.
        _ = write(signalling, [1], 1)
    }

    /// Waits for ``signal()``; a negative time waits for ever.
    package func wait(milliseconds: Int32) {
        var none: [Watched] = []
        wait(milliseconds: milliseconds, orFor: &none)
    }

    /// Waits for ``signal()``, or for one of these; a negative time waits for ever.
    package func wait(milliseconds: Int32, orFor watched: inout [Watched]) {
        var entries = watched.map { entry in
            pollfd(fd: entry.descriptor, events: Int16(entry.wantsToWrite ? POLLIN | POLLOUT : POLLIN), revents: 0)
        }
        entries.append(pollfd(fd: waiting, events: Int16(POLLIN), revents: 0))
        _ = poll(&entries, nfds_t(entries.count), milliseconds)
        for index in watched.indices { watched[index].isReady = entries[index].revents != 0 }
        guard entries[watched.count].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = read(waiting, &bytes, bytes.count)
    }

    /// Waits so long, whoever signals.
    package static func rest(milliseconds: Int32) { _ = poll(nil, 0, milliseconds) }
}
