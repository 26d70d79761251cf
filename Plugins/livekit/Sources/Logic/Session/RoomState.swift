// SPDX-License-Identifier: Apache-2.0

/// What a ``RoomClient`` knows.
struct RoomState {
    enum Phase {
        /// Nothing was asked of the library yet.
        case idle
        case connecting
        case joined
        /// Goodbye was said.
        case leaving
        /// Every handle is given back.
        case gone
    }

    /// The caller's sound, as it comes.
    struct Heard {
        let sid: String
        let track: UInt64
        let stream: UInt64
    }

    /// More people than this are not kept apart: who comes later counts as nobody in particular.
    static let maximumPeople = 2048
    static let maximumPackets = 64
    static let maximumOffers = 16

    var phase = Phase.idle
    var join: RoomJoin?
    /// The session was closed: nothing is told any more.
    var isClosed = false
    /// DONE or ERROR was told.
    var isOver = false

    // Of the room
    var room: UInt64 = 0
    var local: UInt64 = 0
    var roomName = ""
    var roomSID = ""
    var people: [String: FFIParticipant] = [:]
    var isReconnecting = false

    // Of the caller
    var caller: String?
    /// Its voice tracks by their sids, with the publications' handles.
    var offers: [String: FFIPublication] = [:]
    /// The one that was subscribed to.
    var chosen: String?
    var heard: Heard?
    var isMuted = false
    /// It was lost while the connection was; it may come back with it.
    var isCallerAway = false
    var hasPeer = false
    var samplesHeard: Int64 = 0

    // Of the agent
    var source: UInt64 = 0
    var track: UInt64 = 0
    var isPublished = false
    var voice: AgentVoice
    var capturing: UInt64 = 0
    /// Of the last piece that the library got.
    var capturedGeneration: UInt64?
    /// What is captured now was cancelled meanwhile.
    var clearsAfterCapture = false
    var packets: [UInt64: LentMemory] = [:]

    // Ids of what is under way
    var publishing: UInt64 = 0
    var disconnecting: UInt64 = 0
}
