// SPDX-License-Identifier: Apache-2.0

/// A user fragment and its password (RFC 8445, 5.3).
struct ICECredentials: Hashable, Sendable {
    var fragment: String
    var password: String

    init(fragment: String, password: String) {
        self.fragment = fragment
        self.password = password
    }

    /// New ones, of 48 and 144 random bits.
    static func random() -> ICECredentials? {
        guard let bytes = Digests.random(24) else { return nil }
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let text = stride(from: 0, to: 24, by: 3).flatMap { start -> [UInt8] in
            let bits = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
            return [bits >> 18 & 63, bits >> 12 & 63, bits >> 6 & 63, bits & 63].map { letters[$0] }
        }
        return ICECredentials(
            fragment: String(decoding: text.prefix(8), as: UTF8.self),
            password: String(decoding: text.suffix(24), as: UTF8.self)
        )
    }
}

/// The lite side of ICE (RFC 8445, 2.5): it answers checks, follows nominations and notices when they stop.
struct ICEAgent {
    enum Outcome: Equatable {
        /// The check was good: send this back.
        case answer([UInt8])
        /// No check for this session, or one whose sender does not know the password.
        case refused
        /// The budget for checks of strangers is used up; nothing was computed.
        case limited
    }

    /// Without a check for so long the peer has withdrawn its consent (RFC 7675, 5.1), in nanoseconds.
    static let consentTimeout: Int64 = 30_000_000_000
    /// Addresses that may send at one time; the one heard least lately makes room.
    static let maximumAddresses = 8
    /// Checks of unknown addresses a second, good or bad.
    private static let strangersPerSecond: Int64 = 200

    /// What the two sides have agreed on: in offer and answer, or by a restart.
    private struct Agreement {
        let local: ICECredentials
        let username: String

        init(_ local: ICECredentials, _ remoteFragment: String) {
            self.local = local
            username = "\(local.fragment):\(remoteFragment)"
        }
    }

    private var agreement: Agreement
    /// Of a restart that waits for its first nomination; until then the old one counts (RFC 8445, 9).
    private var restarted: Agreement?
    /// Where media goes.
    private(set) var selected: SocketAddress?
    private var selectedIsNominated = false
    private var selectedPriority: UInt32 = 0
    /// Addresses that have shown that they know the password, the one heard last at the end.
    private(set) var addresses: [SocketAddress] = []
    private var consentAt: Int64
    private var window: (start: Int64, count: Int64) = (0, 0)

    init(local: ICECredentials, remoteFragment: String, at now: Int64) {
        agreement = Agreement(local, remoteFragment)
        consentAt = now
    }

    /// The fragments by which checks may name this call.
    var fragments: [String] { [agreement.local.fragment] + (restarted.map { [$0.local.fragment] } ?? []) }

    /// Begins anew with other credentials. What was agreed before counts until the peer nominates with these; a restart
    /// before that takes their place.
    mutating func restart(local: ICECredentials, remoteFragment: String) {
        restarted = Agreement(local, remoteFragment)
    }

    func isConsentLost(at now: Int64) -> Bool { now - consentAt > Self.consentTimeout }

    mutating func receive(_ message: STUNMessage, from peer: SocketAddress, at now: Int64) -> Outcome {
        guard message.type == STUNMessage.bindingRequest,
            let named = [agreement, restarted].lazy.compactMap({ $0 }).first(where: { $0.username == message.username })
        else { return .refused }
        if !addresses.contains(peer) {
            if now - window.start >= 1_000_000_000 { window = (now, 0) }
            guard window.count < Self.strangersPerSecond else { return .limited }
            window.count += 1
        }
        guard message.hasIntegrity(password: named.local.password) else { return .refused }
        consentAt = now
        remember(peer)
        if named.username == agreement.username {
            select(peer, message)
        } else if message.usesCandidate {
            agreement = named
            restarted = nil
            select(peer, message)
        }
        return .answer(
            STUNMessage.success(transaction: message.transaction, to: peer, password: named.local.password)
        )
    }

    private mutating func remember(_ peer: SocketAddress) {
        if addresses.last == peer { return }
        addresses.removeAll { $0 == peer }
        addresses.append(peer)
        if addresses.count > Self.maximumAddresses {
            // The selected one stays, however quiet.
            let oldest = addresses.firstIndex { $0 != selected } ?? 0
            addresses.remove(at: oldest)
        }
    }

    /// Until something is nominated the best check so far counts; a later nomination always wins: the peer has moved.
    private mutating func select(_ peer: SocketAddress, _ message: STUNMessage) {
        if message.usesCandidate {
            selected = peer
            selectedIsNominated = true
        } else if !selectedIsNominated, selected == nil || message.priority > selectedPriority {
            selected = peer
            selectedPriority = message.priority
        }
    }
}
