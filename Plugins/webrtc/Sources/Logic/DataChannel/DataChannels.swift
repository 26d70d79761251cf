// SPDX-License-Identifier: Apache-2.0

/// The data channels of one peer (RFC 8831), without network: packets and texts go in, packets and texts come out.
///
/// Texts of any channel come from the peer; those for it go by the channel that it opened first. What comes before there
/// is one waits, and what the peer does not take fast enough: when too much waits, the oldest goes.
final class DataChannels {
    struct Counts: Equatable {
        var received = 0
        var sent = 0
        /// Too long, too many, no text, or of no channel.
        var dropped = 0
    }

    /// Ours, of SCTP: any will do, there is one association.
    static let port: UInt16 = 5_000
    /// Bytes of a message of the peer.
    static let maximumReceived = 65_536
    /// Bytes of a message for the peer, where it takes that much.
    static let maximumSent = 262_144
    static let maximumChannels = 16
    /// Messages that wait, and their bytes.
    static let maximumWaiting = 1_024
    static let maximumWaitingBytes = 1 << 20

    /// What has come of a message that is not complete.
    private struct Partial {
        var bytes: [UInt8] = []
        var isTooLong = false
    }

    private let line: Offer.DataLine
    private var association: SCTPAssociation?
    private var isUp = false
    /// In the order of their opening.
    private(set) var channels: [(stream: UInt16, opening: ChannelOpening)] = []
    private var partials: [UInt16: Partial] = [:]
    private var waiting: [[UInt8]] = []
    private var waitingBytes = 0
    private var acknowledgements: [UInt16] = []
    private var texts: [String] = []
    private var lastPackets: [[UInt8]] = []
    private(set) var counts = Counts()

    init(_ line: Offer.DataLine) { self.line = line }

    /// DTLS is up.
    func open() {
        guard association == nil else { return }
        association = SCTPAssociation(localPort: Self.port, remotePort: line.port)
    }

    /// Ends them all; the peer learns of it from the last ``takePackets()``.
    func close() {
        guard let association else { return }
        association.close()
        lastPackets += association.takePackets()
        self.association = nil
        isUp = false
        channels = []
    }

    // MARK: In

    /// One packet of the peer.
    func receive(_ packet: [UInt8]) {
        association?.receive(packet)
        settle()
    }

    /// A text for the peer.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        let limit = line.maximumMessage == 0 ? Self.maximumSent : min(line.maximumMessage, Self.maximumSent)
        guard !bytes.isEmpty, bytes.count <= limit else { return drop() }
        waiting.append(bytes)
        waitingBytes += bytes.count
        while waiting.count > Self.maximumWaiting || waitingBytes > Self.maximumWaitingBytes {
            waitingBytes -= waiting.removeFirst().count
            drop()
        }
        flush()
    }

    /// What has to happen as time passes; to be called at least every 20 ms.
    func tick() {
        guard association != nil else { return }
        SCTPLibrary.tick()
        settle()
    }

    // MARK: Out

    func takePackets() -> [[UInt8]] {
        defer { lastPackets = [] }
        return lastPackets + (association?.takePackets() ?? [])
    }

    func takeTexts() -> [String] {
        defer { texts = [] }
        return texts
    }

    // MARK: Arrivals

    private func settle() {
        for arrival in association?.takeArrivals() ?? [] {
            switch arrival {
            case .data(let bytes, let stream, let protocolID, let isLast):
                collect(bytes, stream, protocolID, isLast)
            case .isUp(let isUp):
                self.isUp = isUp
                if !isUp { (channels, partials, acknowledgements) = ([], [:], []) }
            case .reset(let streams):
                // A channel is closed when neither side sends on it (RFC 8831, 6.7).
                for stream in streams where channels.contains(where: { $0.stream == stream }) {
                    channels.removeAll { $0.stream == stream }
                    partials[stream] = nil
                    association?.reset(stream: stream)
                }
            }
        }
        flush()
    }

    private func collect(_ bytes: [UInt8], _ stream: UInt16, _ protocolID: UInt32, _ isLast: Bool) {
        guard stream < SCTPAssociation.streams else { return drop() }
        var partial = partials[stream] ?? Partial()
        if partial.bytes.count + bytes.count > Self.maximumReceived { partial = Partial(isTooLong: true) }
        if !partial.isTooLong { partial.bytes += bytes }
        guard isLast else { return partials[stream] = partial }
        partials[stream] = nil
        if partial.isTooLong { drop() } else { take(partial.bytes, stream, protocolID) }
    }

    private func take(_ bytes: [UInt8], _ stream: UInt16, _ protocolID: UInt32) {
        if protocolID == ChannelOpening.ProtocolID.control { return control(bytes, stream) }
        guard protocolID == ChannelOpening.ProtocolID.text, channels.contains(where: { $0.stream == stream }),
            let text = String(validating: bytes, as: UTF8.self)
        else { return drop() }
        counts.received += 1
        texts.append(text)
    }

    private func control(_ bytes: [UInt8], _ stream: UInt16) {
        // We open none, so there is nothing that it could acknowledge.
        guard let opening = ChannelOpening(bytes), channels.count < Self.maximumChannels,
            !channels.contains(where: { $0.stream == stream })
        else { return drop() }
        channels.append((stream, opening))
        acknowledgements.append(stream)
    }

    // MARK: Sending

    private func flush() {
        guard isUp, let association else { return }
        while let stream = acknowledgements.first {
            let control = ChannelOpening.ProtocolID.control
            guard association.send(ChannelOpening.acknowledgement, stream: stream, protocolID: control) != .later else {
                return
            }
            acknowledgements.removeFirst()
        }
        guard let stream = channels.first?.stream else { return }
        while let bytes = waiting.first {
            switch association.send(bytes, stream: stream, protocolID: ChannelOpening.ProtocolID.text) {
            case .later: return
            case .ok: counts.sent += 1
            case .never: drop()
            }
            waiting.removeFirst()
            waitingBytes -= bytes.count
        }
    }

    private func drop() { counts.dropped += 1 }
}
