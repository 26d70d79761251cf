// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Carries a call's counts into the provider's metrics, once a second: nothing is added up twice.
struct Meter {
    private enum Index: Int, CaseIterable {
        case received, lost, recovered, concealed, late, duplicate, adjusted
        case refused, checksRefused, protectionRefused, unheard
        case messagesReceived, messagesSent, messagesDropped, delay
    }

    /// In the order of their indices.
    static let metrics = [
        Metric("syrinx_webrtc_received_packets", .counter, help: "Audio packets that came."),
        Metric("syrinx_webrtc_lost_packets", .counter, help: "Audio packets that were not there at their time."),
        Metric("syrinx_webrtc_recovered_packets", .counter, help: "Lost packets that the next one had a copy of."),
        Metric("syrinx_webrtc_concealed_frames", .counter, help: "Frames of 20 ms that had to be invented."),
        Metric("syrinx_webrtc_late_packets", .counter, help: "Packets that came after their time."),
        Metric("syrinx_webrtc_duplicate_packets", .counter, help: "Packets that came twice."),
        Metric("syrinx_webrtc_adjusted_frames", .counter, help: "Frames left out or added to keep the delay."),
        Metric("syrinx_webrtc_refused_datagrams", .counter, help: "Datagrams that belong to no stream."),
        Metric("syrinx_webrtc_refused_checks", .counter, help: "STUN requests with a wrong name or password."),
        Metric("syrinx_webrtc_refused_protected", .counter, help: "Forged, replayed or reflected media packets."),
        Metric("syrinx_webrtc_unheard_frames", .counter, help: "Frames of the caller that the host did not take."),
        Metric("syrinx_webrtc_received_messages", .counter, help: "Texts that came by data channels."),
        Metric("syrinx_webrtc_sent_messages", .counter, help: "Events sent by data channels."),
        Metric(
            "syrinx_webrtc_dropped_messages", .counter,
            help: "Messages of either side that were too long, too many, or no text."),
        Metric("syrinx_webrtc_jitter_delay_ms", .histogram, help: "How long the jitter buffer holds packets."),
    ]

    private static let interval: Int64 = 1_000_000_000

    private var dueAt: Int64 = 0
    private var reported = [Int](repeating: 0, count: Index.allCases.count)
    private var unheard = 0
    private var unread = 0

    mutating func noteUnheard() { unheard += 1 }
    mutating func noteUnreadMessage() { unread += 1 }

    mutating func read(_ peer: Peer, for host: SessionHost, at now: Int64) {
        guard now >= dueAt else { return }
        dueAt = now &+ Self.interval
        let jitter = peer.jitterCounts
        let counts = peer.counts
        let messages = peer.channels?.counts ?? DataChannels.Counts()
        let values = [
            jitter.received, jitter.lost, jitter.recovered, jitter.concealed, jitter.late, jitter.duplicate,
            jitter.skipped + jitter.stretched,
            counts.refused, counts.checksRefused, counts.protectionRefused, unheard,
            messages.received, messages.sent, messages.dropped + unread,
        ]
        for (index, value) in values.enumerated() where value > reported[index] {
            host.metric(index, Double(value - reported[index]))
            reported[index] = value
        }
        if jitter.received > 0 { host.metric(Index.delay.rawValue, Double(peer.delayMilliseconds)) }
    }
}
