// SPDX-License-Identifier: Apache-2.0
internal import CSRTP

/// How media is protected (RFC 5764, 4.1.2; RFC 7714, 14.2).
enum SRTPProfile: UInt, Sendable {
    case aes128CounterSHA1 = 0x0001
    case aes128GCM = 0x0007

    /// In the order of preference, as the TLS library reads it.
    static let offered = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
    static let keyBytes = 16

    var saltBytes: Int { self == .aes128GCM ? 12 : 14 }
}

/// What DTLS hands to SRTP, from the server's side.
struct SRTPKeys: Equatable, Sendable {
    let profile: SRTPProfile
    /// Key and salt of what the peer sends.
    let remote: [UInt8]
    /// Key and salt of what this side sends.
    let local: [UInt8]

    /// Splits the exported material (RFC 5764, 4.2): client key, server key, client salt, server salt.
    init(profile: SRTPProfile, material: [UInt8]) {
        let key = SRTPProfile.keyBytes
        let salts = material.dropFirst(2 * key)
        self.profile = profile
        remote = Array(material.prefix(key) + salts.prefix(profile.saltBytes))
        local = Array(material.dropFirst(key).prefix(key) + salts.dropFirst(profile.saltBytes))
    }

    /// The same keys as the other side sees them.
    var swapped: SRTPKeys { SRTPKeys(profile: profile, remote: local, local: remote) }

    private init(profile: SRTPProfile, remote: [UInt8], local: [UInt8]) {
        self.profile = profile
        self.remote = remote
        self.local = local
    }
}

/// Both directions of one protected session.
final class SRTPSession {
    /// Sources that one peer may have; the library keeps state for each.
    static let maximumSources = 8
    private static let replayWindow: UInt = 1_024
    private static let isInitialised = srtp_init() == srtp_err_status_ok

    private let incoming: srtp_t
    private let outgoing: srtp_t
    private var sources: Set<UInt32> = []
    private var controlSources: Set<UInt32> = []

    init?(_ keys: SRTPKeys) {
        guard Self.isInitialised,
            let incoming = Self.make(keys.profile, keys.remote, ssrc_any_inbound)
        else { return nil }
        guard let outgoing = Self.make(keys.profile, keys.local, ssrc_any_outbound) else {
            srtp_dealloc(incoming)
            return nil
        }
        self.incoming = incoming
        self.outgoing = outgoing
    }

    deinit {
        srtp_dealloc(incoming)
        srtp_dealloc(outgoing)
    }

    func protect(_ packet: [UInt8]) -> [UInt8]? { run(packet) { srtp_protect(outgoing, $0, $1) } }
    func protectControl(_ packet: [UInt8]) -> [UInt8]? { run(packet) { srtp_protect_rtcp(outgoing, $0, $1) } }

    /// Nil for what is forged, replayed, reflected, or of one source too many.
    func unprotect(_ packet: [UInt8]) -> [UInt8]? {
        guard packet.count >= 12, let source = Self.word(packet, at: 8), Self.admits(source, sources),
            let plain = run(packet, { srtp_unprotect(incoming, $0, $1) })
        else { return nil }
        sources.insert(source)
        return plain
    }

    /// The same for RTCP.
    func unprotectControl(_ packet: [UInt8]) -> [UInt8]? {
        guard packet.count >= 12, let source = Self.word(packet, at: 4), Self.admits(source, controlSources),
            let plain = run(packet, { srtp_unprotect_rtcp(incoming, $0, $1) })
        else { return nil }
        controlSources.insert(source)
        return plain
    }

    private static func admits(_ source: UInt32, _ known: Set<UInt32>) -> Bool {
        known.contains(source) || known.count < maximumSources
    }

    private static func word(_ packet: [UInt8], at offset: Int) -> UInt32? {
        var reader = ByteReader(packet.dropFirst(offset))
        return reader.readUInt32()
    }

    private func run(
        _ packet: [UInt8],
        _ body: (UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>) -> srtp_err_status_t
    ) -> [UInt8]? {
        var count = Int32(clamping: packet.count)
        var bytes = packet
        bytes.append(contentsOf: repeatElement(0, count: Int(SRTP_MAX_TRAILER_LEN) + 4))
        let status = bytes.withUnsafeMutableBytes { room in
            room.baseAddress.map { body($0, &count) } ?? srtp_err_status_fail
        }
        guard status == srtp_err_status_ok, count >= 0, Int(count) <= bytes.count else { return nil }
        bytes.removeLast(bytes.count - Int(count))
        return bytes
    }

    private static func make(_ profile: SRTPProfile, _ key: [UInt8], _ direction: srtp_ssrc_type_t) -> srtp_t? {
        guard key.count == SRTPProfile.keyBytes + profile.saltBytes else { return nil }
        var policy = srtp_policy_t()
        switch profile {
        case .aes128CounterSHA1:
            srtp_crypto_policy_set_rtp_default(&policy.rtp)
            srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        case .aes128GCM:
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
        }
        policy.ssrc.type = direction
        policy.window_size = replayWindow
        policy.allow_repeat_tx = 1
        var key = key
        return key.withUnsafeMutableBufferPointer { key in
            policy.key = key.baseAddress
            var session: srtp_t?
            return srtp_create(&session, &policy) == srtp_err_status_ok ? session : nil
        }
    }
}
