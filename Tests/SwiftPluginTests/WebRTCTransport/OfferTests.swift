// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTCTransport

@Suite("Offers and answers of WebRTC")
struct OfferTests {
    static let hash = Array(repeating: "AB", count: 32).joined(separator: ":")

    /// As a browser writes it, with a data channel and video that are not wanted.
    static let chrome = """
        v=0\r
        o=- 4611731400430051336 2 IN IP4 127.0.0.1\r
        s=-\r
        t=0 0\r
        a=group:BUNDLE 0 1 2\r
        a=extmap-allow-mixed\r
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r
        c=IN IP4 0.0.0.0\r
        a=rtcp:9 IN IP4 0.0.0.0\r
        a=ice-ufrag:abcd\r
        a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r
        a=ice-options:trickle\r
        a=fingerprint:sha-256 \(hash)\r
        a=setup:actpass\r
        a=mid:0\r
        a=sendrecv\r
        a=rtcp-mux\r
        a=rtpmap:111 opus/48000/2\r
        a=fmtp:111 minptime=10;useinbandfec=1\r
        a=rtpmap:63 red/48000/2\r
        a=rtpmap:110 telephone-event/48000\r
        a=rtpmap:126 telephone-event/8000\r
        m=video 9 UDP/TLS/RTP/SAVPF 96 97\r
        a=mid:1\r
        a=rtpmap:96 VP8/90000\r
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r
        a=mid:2\r

        """

    static func answer(to text: String) throws -> [String] {
        let offer = try Offer(parsing: text)
        let candidates = ["192.0.2.7", "2001:db8::1"].compactMap { SocketAddress($0, port: 4_000) }
        let answer = Answer(
            offer: offer, credentials: ICECredentials(fragment: "frag", password: "pass"), fingerprint: "sha-256 00",
            candidates: candidates, source: 7, name: "syrinx", session: 1)
        return answer.text.components("\r\n")
    }

    @Test
    func `the answer takes the voice and data channels and refuses the rest, in the offer's order`() throws {
        let lines = try Self.answer(to: Self.chrome)
        let media = lines.filter { $0.hasPrefix("m=") }
        #expect(
            media == [
                "m=audio 4000 UDP/TLS/RTP/SAVPF 111 110 126", "m=video 0 UDP/TLS/RTP/SAVPF 96 97",
                "m=application 4000 UDP/DTLS/SCTP webrtc-datachannel",
            ])
        #expect(lines.contains("a=group:BUNDLE 0 2"))
        #expect(lines.contains("a=sctp-port:5000"))
        #expect(lines.contains("a=max-message-size:65536"))
        #expect(lines.contains("a=ice-lite"))
        #expect(lines.contains("a=setup:passive"))
        #expect(lines.contains("a=rtpmap:111 opus/48000/2"))
        #expect(lines.filter { $0.hasPrefix("a=candidate:") }.count == 4)
        #expect(lines.contains("a=candidate:2 1 udp 2130706175 2001:db8::1 4000 typ host"))
    }

    @Test(arguments: [("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly")])
    func `the direction is turned around`(offered: String, answered: String) throws {
        let lines = try Self.answer(to: Self.chrome.replacing("a=sendrecv", "a=\(offered)"))
        #expect(lines.contains("a=\(answered)"))
    }

    @Test(arguments: [
        ("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1"), ("a=group:BUNDLE 0 1 2\r\n", ""),
        ("m=application 9", "m=application 0"), ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP"), ("webrtc-datachannel", "other"),
        ("a=mid:2", "a=mid:2\r\na=sctp-port:0"), ("a=mid:2", "a=mid:2\r\na=sctp-port:x"),
    ])
    func `data channels outside of the bundle, or of another kind, are refused`(old: String, new: String) throws {
        let text = Self.chrome.replacing(old, new)
        #expect(try Offer(parsing: text).data == nil)
        #expect(try Self.answer(to: text).contains { $0.hasPrefix("m=application 0 ") })
    }

    @Test
    func `an offer says how its data channels are reached`() throws {
        #expect(try Offer(parsing: Self.chrome).data == Offer.DataLine(index: 2, port: 5_000, maximumMessage: 65_536))
        let text = Self.chrome.replacing("a=mid:2", "a=mid:2\r\na=sctp-port:6000\r\na=max-message-size:262144")
        #expect(try Offer(parsing: text).data == Offer.DataLine(index: 2, port: 6_000, maximumMessage: 262_144))
    }

    @Test
    func `the payload type is the offer's`() throws {
        let text = Self.chrome.replacing("111", "96").replacing("m=video 9 UDP/TLS/RTP/SAVPF 96 97", "m=video 9 X 98")
        #expect(try Offer(parsing: text).opusType == 96)
    }

    @Test
    func `credentials may stand for all lines at the top`() throws {
        var text = Self.chrome
        for name in ["ice-ufrag:abcd", "ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa", "fingerprint:sha-256 \(Self.hash)"] {
            text = text.replacing("a=\(name)\r\n", "")
            text = text.replacing("t=0 0\r\n", "t=0 0\r\na=\(name)\r\n")
        }
        let offer = try Offer(parsing: text)
        #expect(offer.fragment == "abcd")
        #expect(offer.fingerprints.count == 1)
    }

    @Test
    func `the case of a fingerprint does not matter`() throws {
        let text = Self.chrome.replacing("sha-256 \(Self.hash)", "SHA-256 \(Self.hash.lowercased())")
        #expect(try Offer(parsing: text).fingerprints.first?.bytes == Array(repeating: 0xAB, count: 32))
    }

    static let flaws = [
        ("v=0", "v=1", "begin"), ("m=audio 9", "m=audio x", "malformed"), ("m=audio 9", "m=audio 0", "offers opus"),
        ("opus/48000/2", "pcmu/8000", "offers opus"), ("UDP/TLS/RTP/SAVPF 111", "RTP/AVP 111", "offers opus"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:a", "ice-ufrag"), ("a=ice-pwd", "a=nothing", "ice-pwd"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5", "fingerprint"), ("a=fingerprint", "a=x", "fingerprint"),
        ("a=rtcp-mux", "a=x", "rtcp-mux"), ("a=setup:actpass", "a=setup:passive", "setup"),
        ("a=mid:0", "nonsense", "no type"),
    ]

    @Test(arguments: flaws)
    func `an offer that cannot be used is refused with the reason`(old: String, new: String, reason: String) {
        let error = #expect(throws: Offer.Flaw.self) { try Offer(parsing: Self.chrome.replacing(old, new)) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test
    func `an endless description is refused`() {
        let lines = "v=0\n" + String(repeating: "a=x\n", count: 3_000)
        #expect(throws: Offer.Flaw.self) { try Offer(parsing: lines) }
        let media = "v=0\n" + String(repeating: "m=audio 9 UDP/TLS/RTP/SAVPF 111\n", count: 100)
        #expect(throws: Offer.Flaw.self) { try Offer(parsing: media) }
    }
}

extension String {
    func components(_ separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    func replacing(_ old: String, _ new: String) -> String {
        components(old).joined(separator: new)
    }
}
