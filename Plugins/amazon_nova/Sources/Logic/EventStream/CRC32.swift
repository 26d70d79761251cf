// SPDX-License-Identifier: Apache-2.0

/// The checksum of event-stream frames: CRC-32 of IEEE 802.3, reflected.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { value in
        (0..<8).reduce(UInt32(value)) { crc, _ in crc & 1 == 1 ? 0xedb8_8320 ^ crc >> 1 : crc >> 1 }
    }

    /// On pointers, as ``SHA256``; a byte indexes a table of 256.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                var crc = UInt32.max
                guard let table = table.baseAddress, let start = bytes.baseAddress else { return ~crc }
                var index = 0
                while index < bytes.count {
                    crc = table[Int((crc ^ UInt32(start[index])) & 0xff)] ^ crc &>> 8
                    index &+= 1
                }
                return ~crc
            }
        }
    }
}
