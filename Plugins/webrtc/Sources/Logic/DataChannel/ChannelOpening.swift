// SPDX-License-Identifier: Apache-2.0

/// The message that opens a data channel, and the one that says yes (RFC 8832, 5).
struct ChannelOpening: Equatable {
    /// How a message says what it is (RFC 8831, 8).
    enum ProtocolID {
        static let control: UInt32 = 50
        static let text: UInt32 = 51
        static let emptyText: UInt32 = 56
    }

    static let acknowledgement: [UInt8] = [2]

    var label: String
    var subprotocol: String

    /// Nil for anything that is no DATA_CHANNEL_OPEN. What it says of order and reliability holds for what the peer
    /// sends; what is sent to it is ordered and reliable in any case.
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes[...])
        guard reader.readUInt8() == 3, reader.readUInt8() != nil, reader.readUInt16() != nil,
            reader.readUInt32() != nil, let labelCount = reader.readUInt16(), let protocolCount = reader.readUInt16(),
            let label = reader.read(Int(labelCount)), let subprotocol = reader.read(Int(protocolCount))
        else { return nil }
        self.label = String(decoding: label, as: UTF8.self)
        self.subprotocol = String(decoding: subprotocol, as: UTF8.self)
    }
}
