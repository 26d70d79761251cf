// SPDX-License-Identifier: Apache-2.0

/// An RTP packet (RFC 3550, 5.1), without contributing sources and header extensions: nothing here reads them.
struct RTPPacket: Equatable {
    var isMarked = false
    var payloadType: UInt8
    var sequence: UInt16
    var timestamp: UInt32
    var source: UInt32
    var payload: ArraySlice<UInt8>

    init(
        isMarked: Bool = false,
        payloadType: UInt8,
        sequence: UInt16,
        timestamp: UInt32,
        source: UInt32,
        payload: ArraySlice<UInt8>
    ) {
        self.isMarked = isMarked
        self.payloadType = payloadType
        self.sequence = sequence
        self.timestamp = timestamp
        self.source = source
        self.payload = payload
    }

    /// Nil for anything that is no RTP packet.
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes[...])
        guard let first = reader.readUInt8(), first >> 6 == 2, let second = reader.readUInt8(),
            let sequence = reader.readUInt16(), let timestamp = reader.readUInt32(), let source = reader.readUInt32(),
            reader.read(Int(first & 15) * 4) != nil
        else { return nil }
        if first & 0x10 != 0 {
            guard reader.readUInt16() != nil, let words = reader.readUInt16(), reader.read(Int(words) * 4) != nil else {
                return nil
            }
        }
        guard var payload = reader.read(reader.remaining) else { return nil }
        if first & 0x20 != 0 {
            guard let padding = payload.last, padding > 0, Int(padding) <= payload.count else { return nil }
            payload = payload.dropLast(Int(padding))
        }
        self.init(
            isMarked: second & 0x80 != 0,
            payloadType: second & 0x7F,
            sequence: sequence,
            timestamp: timestamp,
            source: source,
            payload: payload
        )
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [0x80, (isMarked ? 0x80 : 0) | payloadType & 0x7F]
        bytes.reserveCapacity(12 + payload.count + 160)
        bytes.append(bigEndian: sequence)
        bytes.append(bigEndian: timestamp)
        bytes.append(bigEndian: source)
        bytes += payload
        return bytes
    }
}

/// What a datagram is, by its first bytes (RFC 7983, 7; RFC 5761, 4).
enum DatagramKind: Equatable {
    case stun, dtls, media, control, unknown

    init(_ bytes: [UInt8]) {
        switch bytes.first ?? 255 {
        case 0...3: self = .stun
        case 20...63: self = .dtls
        case 128...191: self = bytes.count > 1 && (192...223).contains(bytes[1]) ? .control : .media
        default: self = .unknown
        }
    }
}
