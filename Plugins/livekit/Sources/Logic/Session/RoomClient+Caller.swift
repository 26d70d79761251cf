// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// The caller: which of the others it is, and what comes from it.
extension RoomClient {
    /// The longest message of a client (docs/PROTOCOL.md) that is handed on, in bytes.
    static let maximumCommand = 16 << 10
    static let topic = "syrinx"

    /// Somebody publishes a track. The first voice of somebody who is no agent makes its owner the caller.
    func offered(_ identity: String, _ publication: FFIPublication, _ state: inout RoomState) {
        if state.caller == nil, let wanted = state.join?.caller { state.caller = wanted }
        let isMachine = state.people[identity]?.isMachine ?? false
        guard publication.isVoice, state.caller == identity || state.caller == nil && !isMachine,
            state.offers[publication.sid] == nil, state.offers.count < RoomState.maximumOffers
        else { return hub.drop(publication.handle) }
        state.caller = identity
        state.offers[publication.sid] = publication
        choose(&state)
    }

    func withdrawn(_ sid: String, _ state: inout RoomState) {
        guard let offer = state.offers.removeValue(forKey: sid) else { return }
        if sid == state.chosen {
            stopHearing(&state)
            state.chosen = nil
        }
        hub.drop(offer.handle)
        choose(&state)
    }

    /// One voice of the caller is enough; the next one counts when it ends.
    private func choose(_ state: inout RoomState) {
        guard state.chosen == nil, let offer = state.offers.values.min(by: { $0.sid < $1.sid }) else { return }
        state.chosen = offer.sid
        state.isMuted = offer.isMuted
        subscribe(offer)
    }

    /// What was asked for while the connection was made anew is lost.
    func chooseAgain(_ state: inout RoomState) {
        guard state.heard == nil, let offer = state.chosen.flatMap({ state.offers[$0] }) else { return }
        subscribe(offer)
    }

    private func subscribe(_ offer: FFIPublication) {
        if hub.ask(.setSubscribed(publication: offer.handle, true)) == nil {
            host.log(.warning, "LiveKit's library refused to subscribe to the caller")
        }
    }

    func subscribed(_ identity: String, _ track: FFITrack, _ state: inout RoomState) {
        guard track.sid == state.chosen, state.heard == nil,
            let stream = hub.ask(.makeStream(track: track.handle, rate: output.sampleRate))?.handle
        else { return hub.drop(track.handle) }
        state.heard = RoomState.Heard(sid: track.sid, track: track.handle, stream: stream)
        hub.route(stream, to: self)
        announce(&state)
    }

    func stopHearing(_ state: inout RoomState) {
        guard let heard = state.heard else { return }
        state.heard = nil
        hub.unroute(heard.stream)
        hub.drop(heard.stream)
        hub.drop(heard.track)
    }

    func muted(_ sid: String, _ isMuted: Bool, _ state: inout RoomState) {
        guard sid == state.chosen, isMuted != state.isMuted else { return }
        state.isMuted = isMuted
        outbox.send(.state(isMuted ? "muted" : "unmuted"))
    }

    func hear(_ stream: UInt64, _ memory: FFIMemory, _ state: inout RoomState) {
        guard stream == state.heard?.stream, state.hasPeer, !state.isMuted, !state.isOver, !state.isClosed else {
            return
        }
        let samples = memory.bytes.bindMemory(to: Int16.self)
        let status = host.emitAudio(
            samples.span, generation: 0, clause: 0, format: output, presentationTime: state.samplesHeard)
        state.samplesHeard += Int64(samples.count)
        if status == .again { host.metric(LiveKitMetrics.lostAudio, 1) }
    }

    /// PEER, once the caller is heard and the agent can be.
    func announce(_ state: inout RoomState) {
        guard state.isPublished, state.heard != nil, !state.hasPeer, !state.isOver, let caller = state.caller else {
            return
        }
        state.hasPeer = true
        outbox.send(.peer(Self.facts(caller, state.people[caller], state)))
        if state.isMuted { outbox.send(.state("muted")) }
    }

    private static func facts(_ identity: String, _ person: FFIParticipant?, _ state: RoomState) -> PeerFacts {
        let attributes = (person?.attributes ?? [:]).mapValues { String($0.prefix(1024)) }
        var facts = PeerFacts()
        facts.user = identity
        facts.call = state.roomSID
        // What LiveKit's SIP bridge says of a telephone call.
        facts.from = attributes["sip.phoneNumber"] ?? ""
        facts.to = attributes["sip.trunkPhoneNumber"] ?? ""
        facts.metadata = attributes
        facts.metadata["livekit.room"] = state.roomName
        facts.metadata["livekit.room_sid"] = state.roomSID
        guard let person else { return facts }
        facts.metadata["livekit.participant_sid"] = person.sid
        if !person.name.isEmpty { facts.metadata["livekit.name"] = person.name }
        if !person.metadata.isEmpty { facts.metadata["livekit.metadata"] = String(person.metadata.prefix(4096)) }
        return facts
    }

    /// A client's message as a data packet of the caller.
    func received(_ identity: String, _ topic: String, _ memory: FFIMemory, _ state: inout RoomState) {
        guard topic == Self.topic, identity == state.caller, state.hasPeer, memory.byteCount <= Self.maximumCommand,
            let command = try? JSONValue(parsing: Array(memory.bytes)), command.object != nil
        else { return }
        var event = OutgoingEvent(.command)
        event.json = command.text
        outbox.send(event)
    }

    func pressed(_ identity: String, _ digit: String, _ state: inout RoomState) {
        guard identity == state.caller, state.hasPeer, Self.code(digit) != nil else { return }
        outbox.send(.keys(digit))
    }

    /// The event code of a key (RFC 4733, 3.2).
    static func code(_ key: String) -> UInt32? {
        let keys = Array("0123456789*#ABCD")
        guard key.count == 1, let place = keys.firstIndex(of: Character(key.uppercased())) else { return nil }
        return UInt32(place)
    }
}
