// SPDX-License-Identifier: Apache-2.0

/// What a browser offers, as far as a voice call needs it.
struct Offer: Sendable {
    typealias Flaw = SessionDescription.Flaw

    enum Direction: String, Sendable {
        case sendrecv, sendonly, recvonly, inactive

        /// The same direction from this side.
        var answered: Direction {
            switch self {
            case .sendonly: .recvonly
            case .recvonly: .sendonly
            case .sendrecv, .inactive: self
            }
        }
    }

    /// A hash of the peer's certificate (RFC 8122, 5).
    struct Fingerprint: Sendable, Equatable {
        var algorithm: String
        var bytes: [UInt8]
    }

    /// A line of data channels (RFC 8841) in the bundle of the call.
    struct DataLine: Sendable, Equatable {
        var index: Int
        /// Of SCTP.
        var port: UInt16
        /// What the peer takes in one message, in bytes; 0 = anything.
        var maximumMessage: Int
    }

    /// All m= lines, for the answer has to repeat them.
    let media: [SessionDescription.Media]
    /// Which of them is the call.
    let audio: Int
    let opusType: UInt8
    /// Telephone-event payload types by their clock rate.
    let keyTypes: [Int: UInt8]
    let direction: Direction
    let fragment: String
    let fingerprints: [Fingerprint]
    let isBundled: Bool
    /// Nil: there are no data channels.
    let data: DataLine?
    /// The mids of the lines that are taken, as the offer's bundle has them.
    let bundle: [String]

    init(parsing text: String) throws(Flaw) {
        let description = try SessionDescription(parsing: text)
        media = description.media
        guard let index = media.firstIndex(where: { $0.isAudio && $0.opusType != nil }),
            let opus = media[index].opusType
        else { throw Flaw(reason: "no m=audio line offers opus/48000/2 over DTLS-SRTP") }
        audio = index
        opusType = opus
        let section = media[index].attributes
        let bundle = Self.bundle(description)
        isBundled = section["mid"].map(bundle.contains) ?? false
        // RFC 8843: in a bundle the transport may be described by the tagged line alone.
        data = isBundled ? Self.dataLine(media, bundle) : nil
        let taken = [section["mid"], (data?.index).flatMap { description.media[$0].attributes["mid"] }]
        self.bundle = bundle.filter { taken.contains($0) }
        let tagged = isBundled ? media.first { $0.attributes["mid"] == bundle.first }?.attributes ?? [] : []
        let places = [section, description.attributes, tagged]

        keyTypes = media[index].keyTypes
        direction = Self.direction(places)
        guard let fragment = places.lazy.compactMap({ $0["ice-ufrag"] }).first,
            places.contains(where: { $0.contains("ice-pwd") }), (4...256).contains(fragment.utf8.count)
        else { throw Flaw(reason: "it has no a=ice-ufrag and a=ice-pwd") }
        self.fragment = fragment
        fingerprints = places.map { Self.fingerprints($0) }.first { !$0.isEmpty } ?? []
        guard !fingerprints.isEmpty else { throw Flaw(reason: "it has no a=fingerprint of sha-256 or better") }
        guard section.contains("rtcp-mux") else { throw Flaw(reason: "it does not offer a=rtcp-mux") }
        let setup = places.lazy.compactMap { $0["setup"] }.first ?? "actpass"
        guard setup == "actpass" || setup == "active" else {
            throw Flaw(reason: "a=setup has to be actpass or active: this side is passive")
        }
    }

    private static func bundle(_ description: SessionDescription) -> [String] {
        description.attributes.all("group").lazy.map { $0.split(separator: " ").map(String.init) }
            .first { $0.first == "BUNDLE" }.map { Array($0.dropFirst()) } ?? []
    }

    private static func dataLine(_ media: [SessionDescription.Media], _ bundle: [String]) -> DataLine? {
        let index = media.firstIndex { line in
            line.kind == "application" && line.transport == "UDP/DTLS/SCTP" && line.formats == ["webrtc-datachannel"]
                && (line.port != 0 || line.attributes.contains("bundle-only"))
                && line.attributes["mid"].map(bundle.contains) ?? false
        }
        guard let index else { return nil }
        // What they are where the offer does not say: RFC 8841, 5 and 6.
        let port = media[index].attributes["sctp-port"].map { UInt16($0) } ?? 5_000
        guard let port, port != 0 else { return nil }
        let maximum = media[index].attributes["max-message-size"].map { Int($0) ?? Int(UInt16.max) } ?? 65_536
        return DataLine(index: index, port: port, maximumMessage: max(0, maximum))
    }

    private static func direction(_ places: [[SessionDescription.Attribute]]) -> Direction {
        places.prefix(2).lazy.compactMap { $0.lazy.compactMap { Direction(rawValue: $0.name) }.first }.first
            ?? .sendrecv
    }

    private static func fingerprints(_ attributes: [SessionDescription.Attribute]) -> [Fingerprint] {
        attributes.all("fingerprint").prefix(8).compactMap { value in
            let words = value.split(separator: " ")
            guard words.count == 2 else { return nil }
            let algorithm = words[0].lowercased()
            let bytes = words[1].split(separator: ":").compactMap { UInt8($0, radix: 16) }
            let sizes = ["sha-256": 32, "sha-384": 48, "sha-512": 64]
            guard sizes[algorithm] == bytes.count else { return nil }
            return Fingerprint(algorithm: algorithm, bytes: bytes)
        }
    }
}

extension SessionDescription.Media {
    /// Port 0 refuses a line, but not one that only lives in a bundle.
    fileprivate var isAudio: Bool {
        kind == "audio" && (port != 0 || attributes.contains("bundle-only")) && transport.contains("TLS/RTP/SAVP")
    }

    fileprivate var opusType: UInt8? { payloadTypes("opus/48000/2").first }

    fileprivate var keyTypes: [Int: UInt8] {
        var types: [Int: UInt8] = [:]
        for clock in [48_000, 8_000] {
            types[clock] = payloadTypes("telephone-event/\(clock)").first
        }
        return types
    }

    private func payloadTypes(_ encoding: String) -> [UInt8] {
        attributes.all("rtpmap").compactMap { value in
            let words = value.split(separator: " ")
            guard words.count == 2, words[1].lowercased() == encoding, let type = UInt8(words[0]), type < 128,
                // These would look like RTCP on the wire (RFC 5761, 4).
                !(64...95).contains(type), formats.contains(String(words[0]))
            else { return nil }
            return type
        }
    }
}
