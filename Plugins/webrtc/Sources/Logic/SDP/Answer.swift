// SPDX-License-Identifier: Apache-2.0

/// This side's half of the negotiation (RFC 8829, 5.3).
struct Answer {
    var offer: Offer
    var credentials: ICECredentials
    /// "sha-256 AB:CD:…"
    var fingerprint: String
    /// Where the peer may send to.
    var candidates: [SocketAddress]
    var source: UInt32
    var name: String
    /// Names this description, for a peer that compares them.
    var session: UInt64

    var text: String {
        var lines = [
            "v=0", "o=- \(session) 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=ice-lite",
        ]
        if offer.isBundled { lines.append("a=group:BUNDLE \(offer.bundle.joined(separator: " "))") }
        for (index, media) in offer.media.enumerated() {
            switch index {
            case offer.audio: lines += call(media)
            case offer.data?.index: lines += channels(media)
            default: lines += refusal(media)
            }
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    private func call(_ media: SessionDescription.Media) -> [String] {
        let keys = offer.keyTypes.sorted { $0.key > $1.key }
        let types = ([offer.opusType] + keys.map(\.value)).map(String.init).joined(separator: " ")
        var lines = transport(media, types)
        lines += [
            "a=\(offer.direction.answered.rawValue)", "a=rtcp-mux", "a=rtpmap:\(offer.opusType) opus/48000/2",
            "a=fmtp:\(offer.opusType) minptime=10;useinbandfec=1;usedtx=1",
        ]
        for (clock, type) in keys {
            lines += ["a=rtpmap:\(type) telephone-event/\(clock)", "a=fmtp:\(type) 0-15"]
        }
        lines += ["a=ptime:20", "a=msid:\(name) audio", "a=ssrc:\(source) cname:\(name)"]
        return lines + candidates.lines
    }

    /// Data channels (RFC 8841).
    private func channels(_ media: SessionDescription.Media) -> [String] {
        let ways = ["a=sctp-port:\(DataChannels.port)", "a=max-message-size:\(DataChannels.maximumReceived)"]
        return transport(media, media.formats.joined(separator: " ")) + ways + candidates.lines
    }

    /// Each line of the bundle says it, for either may be the one that counts.
    private func transport(_ media: SessionDescription.Media, _ formats: String) -> [String] {
        let first = candidates.first
        let mid = media.attributes["mid"].map { ["a=mid:\($0)"] } ?? []
        return [
            "m=\(media.kind) \(first?.port ?? 9) \(media.transport) \(formats)",
            "c=IN \(first?.isIPv6 == true ? "IP6" : "IP4") \(first?.host ?? "0.0.0.0")",
        ] + mid + [
            "a=ice-ufrag:\(credentials.fragment)", "a=ice-pwd:\(credentials.password)",
            "a=fingerprint:\(fingerprint)", "a=setup:passive",
        ]
    }

    /// A line that is not wanted is repeated with port 0 (RFC 3264, 6).
    private func refusal(_ media: SessionDescription.Media) -> [String] {
        let mid = media.attributes["mid"].map { ["a=mid:\($0)"] } ?? []
        let formats = media.formats.joined(separator: " ")
        return ["m=\(media.kind) 0 \(media.transport) \(formats)", "c=IN IP4 0.0.0.0"] + mid + ["a=inactive"]
    }
}
