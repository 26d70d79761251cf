// SPDX-License-Identifier: Apache-2.0

/// The part of a description that a restart of ICE is about: `application/trickle-ice-sdpfrag` (RFC 8840, 9).
struct ICEFragment: Equatable {
    static let contentType = "application/trickle-ice-sdpfrag"

    /// The peer's new user fragment; its password is of no use to a lite agent, which sends no checks.
    let fragment: String

    /// Nil when it has no credentials of the lengths that RFC 8839, 5.4, allows.
    init?(parsing text: String) {
        var found: [Substring: Substring] = [:]
        // A bundle has one transport, so the first ones are those of all lines.
        for line in text.split(whereSeparator: \.isNewline).prefix(SessionDescription.maximumLines) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, found[parts[0]] == nil { found[parts[0]] = parts[1] }
        }
        guard let fragment = found["a=ice-ufrag"], (4...256).contains(fragment.utf8.count),
            let password = found["a=ice-pwd"], (22...256).contains(password.utf8.count)
        else { return nil }
        self.fragment = String(fragment)
    }

    /// This side's half, as in RFC 9725, 4.3.3.
    static func answer(to offer: Offer, _ credentials: ICECredentials, at candidates: [SocketAddress]) -> String {
        let audio = offer.media[offer.audio]
        let mid = audio.attributes["mid"]
        var lines = ["a=ice-lite"]
        if offer.isBundled { lines.append("a=group:BUNDLE \(offer.bundle.joined(separator: " "))") }
        lines.append("m=\(audio.kind) 9 \(audio.transport) \(offer.opusType)")
        if let mid { lines.append("a=mid:\(mid)") }
        lines += ["a=ice-ufrag:\(credentials.fragment)", "a=ice-pwd:\(credentials.password)"]
        return (lines + candidates.lines).joined(separator: "\r\n") + "\r\n"
    }
}

extension [SocketAddress] {
    /// As candidates, and that these are all.
    var lines: [String] {
        let candidates = enumerated().map { index, candidate in
            // RFC 8445, 5.1.2.1: a host candidate, the earlier the better.
            let priority = 126 << 24 | (65_535 - index) << 8 | 255
            return "a=candidate:\(index + 1) 1 udp \(priority) \(candidate.host) \(candidate.port) typ host"
        }
        return candidates + ["a=end-of-candidates"]
    }
}
