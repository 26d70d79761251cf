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
