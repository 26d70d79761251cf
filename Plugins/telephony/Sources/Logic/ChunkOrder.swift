// SPDX-License-Identifier: Apache-2.0

/// Lets each chunk of audio pass once, and none behind a later one: what comes late could only be heard out of place.
struct ChunkOrder {
    /// So far back it is no late chunk: the vendor counts anew.
    private static let restart: Int64 = 500

    private var last: Int64?

    /// False when the chunk came before, or too late.
    mutating func admit(_ chunk: Int64?) -> Bool {
        guard let chunk else { return true }
        if let last, chunk <= last {
            let (distance, overflow) = last.subtractingReportingOverflow(chunk)
            guard overflow || distance > Self.restart else { return false }
        }
        last = chunk
        return true
    }
}
