// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where a recording's bytes go. Used by one thread.
protocol RecordingSink: AnyObject {
    /// Writes all of it, or as much as goes.
    /// - Returns: how much was written, and `errno` if that is not all.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> (written: Int, fault: Int32)
    func truncate(to size: Int64)
    func close()
}

/// A file.
final class RecordingFileSink: RecordingSink {
    private var descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> (written: Int, fault: Int32) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return (done, count < 0 ? errno : EIO) }
            done += count
        }
        return (done, 0)
    }

    func truncate(to size: Int64) { ftruncate(descriptor, off_t(size)) }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }
}
