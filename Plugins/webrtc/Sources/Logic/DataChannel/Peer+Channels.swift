// SPDX-License-Identifier: Apache-2.0

/// A peer's data channels: their packets travel inside DTLS.
extension Peer {
    /// Tells the peer a text, where it has data channels.
    func tell(_ text: String) {
        guard state != .ended, let channels else { return }
        channels.send(text)
        sendPackets()
    }

    /// What DTLS has brought, and what time has.
    func settleChannels() {
        guard state == .connected else { return }
        for packet in dtls.takeMessages() { channels?.receive(packet) }
        guard let channels else { return }
        channels.tick()
        for text in channels.takeTexts() { output.append(.message(text)) }
        sendPackets()
    }

    func closeChannels() {
        channels?.close()
        if state == .connected { sendPackets() }
    }

    private func sendPackets() {
        for packet in channels?.takePackets() ?? [] {
            dtls.send(packet)
            for datagram in dtls.takeDatagrams() { transmit(datagram) }
        }
    }
}
