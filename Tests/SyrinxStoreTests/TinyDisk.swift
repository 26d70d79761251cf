// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file system of a few kilobytes, for root.
struct TinyDisk {
    let path: String

    static let isPossible: Bool = {
        guard geteuid() == 0, let disk = try? TinyDisk() else { return false }
        disk.unmount()
        return true
    }()

    init(kilobytes: Int = 64) throws {
        path = NSTemporaryDirectory() + "syrinx-disk-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
            try? FileManager.default.removeItem(atPath: path)
            throw POSIXError(.EPERM)
        }
    }

    func unmount() {
        umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }
}
