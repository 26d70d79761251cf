// SPDX-License-Identifier: Apache-2.0

/// Something that happened in a room.
enum RoomEvent: Sendable {
    case joined(FFIParticipant)
    case left(identity: String, reason: UInt64)
    case published(identity: String, FFIPublication)
    case unpublished(sid: String)
    case subscribed(identity: String, FFITrack)
    case unsubscribed(sid: String)
    case muted(sid: String, Bool)
    case data(identity: String, topic: String, FFIMemory)
    case digit(identity: String, String)
    case reconnecting
    case reconnected
    case disconnected(reason: UInt64)
    /// Nothing of this room follows.
    case ended
    /// It brought a handle that nobody here wants.
    case stray(UInt64)

    /// Nil for what does not matter.
    init?(_ event: ProtobufMessage) {
        guard let number = event.numbers.last(where: { $0 != 1 }), let body = event.message(number) else { return nil }
        switch number {
        case 2:
            guard let participant = body.message(1).flatMap(FFIParticipant.init) else { return nil }
            self = .joined(participant)
        case 3: self = .left(identity: body.text(1), reason: body.number(2))
        case 7:
            guard let publication = body.message(2).flatMap(FFIPublication.init) else { return nil }
            self = .published(identity: body.text(1), publication)
        case 8: self = .unpublished(sid: body.text(2))
        case 9:
            guard let track = body.message(2).flatMap(FFITrack.init) else { return nil }
            self = .subscribed(identity: body.text(1), track)
        case 10: self = .unsubscribed(sid: body.text(2))
        case 12, 13: self = .muted(sid: body.text(2), number == 12)
        case 22: self = .disconnected(reason: body.number(1))
        case 23: self = .reconnecting
        case 24: self = .reconnected
        case 26: self = .ended
        case 27: self.init(packet: body)
        // Streams and data tracks: {owned1{handle1{id1}}}.
        case 34, 35, 43:
            guard let handle = body.message(1)?.handle else { return nil }
            self = .stray(handle)
        default: return nil
        }
    }

    private init?(packet: ProtobufMessage) {
        let identity = packet.text(2)
        if let user = packet.message(4), let buffer = user.message(1), let handle = buffer.handle {
            let info = buffer.message(2) ?? ProtobufMessage()
            let count = Int(exactly: info.number(2)) ?? .max
            guard let memory = FFIMemory(handle: handle, address: info.number(1), byteCount: (count, false)) else {
                self = .stray(handle)
                return
            }
            self = .data(identity: identity, topic: user.text(2), memory)
        } else if let tone = packet.message(5) {
            self = .digit(identity: identity, tone.text(2))
        } else {
            return nil
        }
    }
}

/// A room that was joined: {room1, local_participant2, participants3}.
struct FFIConnection: Sendable {
    let room: UInt64
    let roomSID: String
    let roomName: String
    let local: UInt64
    let others: [(participant: FFIParticipant, publications: [FFIPublication])]

    init?(_ result: ProtobufMessage) {
        guard let owned = result.message(1), let room = owned.handle, let local = result.message(2)?.handle else {
            return nil
        }
        self.room = room
        self.local = local
        roomSID = owned.message(2)?.text(1) ?? ""
        roomName = owned.message(2)?.text(2) ?? ""
        others = result.messages(3).compactMap { other in
            guard let participant = other.message(1).flatMap(FFIParticipant.init) else { return nil }
            return (participant, other.messages(2).compactMap(FFIPublication.init))
        }
    }
}

/// Somebody in a room.
struct FFIParticipant: Sendable {
    /// ParticipantKind: machines that are nobody's caller.
    private static let egress: UInt64 = 2
    private static let agent: UInt64 = 4
    static let maximumAttributes = 64

    let handle: UInt64
    let sid: String
    let name: String
    let identity: String
    let metadata: String
    let attributes: [String: String]
    let isMachine: Bool

    init?(_ owned: ProtobufMessage) {
        guard let handle = owned.handle, let info = owned.message(2) else { return nil }
        self.handle = handle
        sid = info.text(1)
        name = info.text(2)
        identity = info.text(3)
        metadata = info.text(5)
        let pairs = info.messages(6).prefix(Self.maximumAttributes).map { ($0.text(1), $0.text(2)) }
        attributes = Dictionary(pairs) { $1 }
        isMachine = info.number(7) == Self.agent || info.number(7) == Self.egress
    }
}

/// A track that somebody publishes.
struct FFIPublication: Sendable {
    private static let audio: UInt64 = 1
    private static let screenShare: UInt64 = 4

    let handle: UInt64
    let sid: String
    /// Sound, and not that of a shared screen.
    let isVoice: Bool
    let isMuted: Bool

    init?(_ owned: ProtobufMessage) {
        guard let handle = owned.handle, let info = owned.message(2) else { return nil }
        self.handle = handle
        sid = info.text(1)
        isVoice = info.number(3) == Self.audio && info.number(4) != Self.screenShare
        isMuted = info.bool(9)
    }
}

/// A track whose media comes here.
struct FFITrack: Sendable {
    let handle: UInt64
    let sid: String

    init?(_ owned: ProtobufMessage) {
        guard let handle = owned.handle else { return nil }
        self.handle = handle
        sid = owned.message(2)?.text(1) ?? ""
    }
}
