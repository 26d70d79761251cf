// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Who is in the room, and what becomes of it.
extension RoomClient {
    /// A caller whom the connection lost is waited for so long after it came back.
    static let callerGraceMilliseconds: UInt32 = 10_000

    func connected(_ connection: FFIConnection, _ id: UInt64, _ state: inout RoomState) {
        state.room = connection.room
        state.local = connection.local
        state.roomName = connection.roomName
        state.roomSID = connection.roomSID
        state.phase = .joined
        hub.route(connection.room, to: self)
        let others = connection.others
        guard !state.isClosed, !state.isOver else {
            for other in others { ([other.participant.handle] + other.publications.map(\.handle)).forEach(hub.drop) }
            return leave(&state)
        }
        _ = hub.ask(.readyForEvents(room: connection.room))
        host.metric(LiveKitMetrics.rooms, 1)
        outbox.send(OutgoingEvent(.ready))
        outbox.send(.state("connected"))
        publish(&state)
        for other in others {
            joined(other.participant, &state)
            hub.drop(other.participant.handle)
            for publication in other.publications { offered(other.participant.identity, publication, &state) }
        }
    }

    func take(_ event: RoomEvent, _ state: inout RoomState) {
        switch event {
        case .joined(let participant): joined(participant, &state)
        case .left(let identity, let reason): left(identity, reason, &state)
        case .published(let identity, let publication): offered(identity, publication, &state)
        case .unpublished(let sid): withdrawn(sid, &state)
        case .subscribed(let identity, let track): subscribed(identity, track, &state)
        case .unsubscribed(let sid): if sid == state.heard?.sid { stopHearing(&state) }
        case .muted(let sid, let isMuted): muted(sid, isMuted, &state)
        case .data(let identity, let topic, let memory): received(identity, topic, memory, &state)
        case .digit(let identity, let digit): pressed(identity, digit, &state)
        case .reconnecting: reconnecting(&state)
        case .reconnected: reconnected(&state)
        case .disconnected(let reason):
            finish("LiveKit ended the connection: \(Self.reason(reason))", &state)
            if case .joined = state.phase { release(&state) }
        case .ended, .stray: break
        }
    }

    private func joined(_ participant: FFIParticipant, _ state: inout RoomState) {
        let identity = participant.identity
        if state.people[identity] != nil || state.people.count < RoomState.maximumPeople {
            state.people[identity] = participant
        }
        if identity == state.caller { state.isCallerAway = false }
    }

    private func left(_ identity: String, _ reason: UInt64, _ state: inout RoomState) {
        let wasHuman = state.people.removeValue(forKey: identity)?.isMachine == false
        if identity == state.caller {
            stopHearing(&state)
            for offer in state.offers.values { hub.drop(offer.handle) }
            (state.offers, state.chosen) = ([:], nil)
            // A connection that is made anew takes everybody out of the room and lets them in again.
            guard !state.isReconnecting else { return state.isCallerAway = true }
            finish("the caller left: \(Self.reason(reason))", &state)
        } else if state.caller == nil, wasHuman, !state.isReconnecting, state.people.values.allSatisfy(\.isMachine) {
            finish("everybody left the room", &state)
        }
    }

    private func reconnecting(_ state: inout RoomState) {
        state.isReconnecting = true
        outbox.send(.state("reconnecting"))
    }

    private func reconnected(_ state: inout RoomState) {
        state.isReconnecting = false
        outbox.send(.state("connected"))
        chooseAgain(&state)
        guard state.isCallerAway else { return }
        let timer = host.startTimer(afterMilliseconds: Self.callerGraceMilliseconds, cookie: TimerID.callerAway)
        if timer == nil { finish("the caller did not come back", &state) }
    }

    /// DisconnectReason, in words.
    private static func reason(_ number: UInt64) -> String {
        let words = [
            "no reason given", "it hung up", "somebody else joined with its identity", "the server is shutting down",
            "it was removed", "the room was deleted", "the states differ", "joining failed", "it moved",
            "the signalling ended",
            "the room was closed", "the user is unavailable", "the user refused", "the SIP trunk failed",
            "it was gone too long",
            "its media failed", "the agent failed",
        ]
        return words.indices.contains(Int(clamping: number)) ? words[Int(clamping: number)] : "reason \(number)"
    }
}
