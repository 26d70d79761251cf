// SPDX-License-Identifier: Apache-2.0

import Foundation

extension StoreFolder {
    func logSize() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path + "/records.db-wal")[.size] as? Int ?? 0
    }

    func cutLog(at size: Int) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/records.db-wal"))
        try handle.truncate(atOffset: UInt64(size))
        try handle.close()
        try? FileManager.default.removeItem(atPath: path + "/records.db-shm")
    }
}

extension StoreFolder {
    /// Writes noise over the database from an offset on.
    func damage(from offset: Int) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: database))
        let size = Int(try handle.seekToEnd())
        try handle.seek(toOffset: UInt64(offset))
        var random = SplitMix64(seed: 7)
        try handle.write(
            contentsOf: Data((0..<max(100, size - offset)).map { _ in UInt8(truncatingIfNeeded: random.next()) }))
        try handle.close()
    }
}
