// SPDX-License-Identifier: Apache-2.0

/// What a compound RTCP packet (RFC 3550, 6) says, as far as it is of use here.
struct RTCPReport: Equatable {
    /// How the peer receives a source (6.4.1).
    struct Block: Equatable {
        var source: UInt32
        /// Of the packets since the last report, in 1/256.
        var fractionLost: UInt8 = 0
        /// Signed: duplicates count against losses.
        var lost: Int32 = 0
        var highestSequence: UInt32 = 0
        /// In the clock of the source.
        var jitter: UInt32 = 0
        /// The middle 32 bits of the NTP time in the last sender report, and how long ago that came, in 1/65536 s.
        var lastReport: UInt32 = 0
        var sinceLastReport: UInt32 = 0
    }

    struct Sender: Equatable {
        var source: UInt32
        var ntp: UInt64
        var timestamp: UInt32
        var packets: UInt32
        var octets: UInt32
    }

    private(set) var sender: Sender?
    private(set) var blocks: [Block] = []
    private(set) var goodbyes: [UInt32] = []

    private static let maximumPackets = 16
    private static let maximumBlocks = 32

    /// Nil for anything that is no compound packet; kinds that are not known are passed over.
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes[...])
        var count = 0
        while reader.remaining > 0 {
            guard count < Self.maximumPackets, let first = reader.readUInt8(), first >> 6 == 2,
                let kind = reader.readUInt8(), let words = reader.readUInt16(),
                let body = reader.read(Int(words) * 4)
            else { return nil }
            guard take(kind, items: Int(first & 31), body) else { return nil }
            count += 1
        }
        guard count > 0 else { return nil }
    }

    private mutating func take(_ kind: UInt8, items: Int, _ body: ArraySlice<UInt8>) -> Bool {
        var reader = ByteReader(body)
        switch kind {
        case 200:
            guard let source = reader.readUInt32(), let ntp = reader.readUInt64(), let timestamp = reader.readUInt32(),
                let packets = reader.readUInt32(), let octets = reader.readUInt32()
            else { return false }
            sender = Sender(source: source, ntp: ntp, timestamp: timestamp, packets: packets, octets: octets)
            return takeBlocks(items, &reader)
        case 201: return reader.readUInt32() != nil && takeBlocks(items, &reader)
        case 203:
            for _ in 0..<items {
                guard let source = reader.readUInt32() else { return false }
                goodbyes.append(source)
            }
            return true
        default: return true
        }
    }

    private mutating func takeBlocks(_ count: Int, _ reader: inout ByteReader) -> Bool {
        for _ in 0..<count {
            guard let source = reader.readUInt32(), let loss = reader.readUInt32(), let highest = reader.readUInt32(),
                let jitter = reader.readUInt32(), let last = reader.readUInt32(), let since = reader.readUInt32()
            else { return false }
            guard blocks.count < Self.maximumBlocks else { continue }
            blocks.append(
                Block(
                    source: source,
                    fractionLost: UInt8(loss >> 24),
                    // The 24 bits are signed.
                    lost: Int32(bitPattern: loss << 8) >> 8,
                    highestSequence: highest,
                    jitter: jitter,
                    lastReport: last,
                    sinceLastReport: since
                )
            )
        }
        return true
    }
}

/// Writes compound packets: a report, always first, then the name (RFC 3550, 6.1), and at the end a goodbye.
enum RTCPWriter {
    static func report(
        source: UInt32,
        name: String,
        sender: RTCPReport.Sender?,
        blocks: [RTCPReport.Block],
        isGoodbye: Bool = false
    ) -> [UInt8] {
        var body: [UInt8] = []
        body.append(bigEndian: source)
        if let sender {
            body.append(bigEndian: sender.ntp)
            body.append(bigEndian: sender.timestamp)
            body.append(bigEndian: sender.packets)
            body.append(bigEndian: sender.octets)
        }
        for block in blocks.prefix(31) { append(block, to: &body) }
        var bytes = packet(sender == nil ? 201 : 200, items: min(31, blocks.count), body)

        var chunk: [UInt8] = []
        chunk.append(bigEndian: source)
        let text = Array(name.utf8.prefix(255))
        chunk += [1, UInt8(text.count)] + text
        // The list ends with a null and then fills its word.
        chunk += [UInt8](repeating: 0, count: 4 - chunk.count % 4)
        bytes += packet(202, items: 1, chunk)

        if isGoodbye {
            var last: [UInt8] = []
            last.append(bigEndian: source)
            bytes += packet(203, items: 1, last)
        }
        return bytes
    }

    private static func append(_ block: RTCPReport.Block, to body: inout [UInt8]) {
        body.append(bigEndian: block.source)
        body.append(bigEndian: UInt32(block.fractionLost) << 24 | UInt32(bitPattern: block.lost) & 0xFF_FFFF)
        body.append(bigEndian: block.highestSequence)
        body.append(bigEndian: block.jitter)
        body.append(bigEndian: block.lastReport)
        body.append(bigEndian: block.sinceLastReport)
    }

    private static func packet(_ kind: UInt8, items: Int, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x80 | UInt8(items & 31), kind]
        bytes.append(bigEndian: UInt16(clamping: body.count / 4))
        return bytes + body
    }
}
