// SPDX-License-Identifier: Apache-2.0

/// 20 ms of the agent's voice, 16-bit mono.
public struct AudioFrame: Sendable, Hashable {
    /// The samples.
    public var samples: [Int16]
    /// Hz, the session's.
    public var rate: Int

    /// The samples as little-endian bytes (s16le), as a WebSocket or a file wants them.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for sample in samples {
            let bits = UInt16(bitPattern: sample)
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
        return bytes
    }
}
