// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxPlugin

/// The agent: what it says into the room.
extension RoomClient {
    /// LiveKit carries no more than 16 KiB in a packet, its own fields included.
    static let maximumPacket = 15_000
    private static let maximumKeys = 32

    /// Makes the agent's track.
    func publish(_ state: inout RoomState) {
        let make = FFIRequest.makeSource(rate: input.sampleRate, queueMilliseconds: Self.queueMilliseconds)
        guard let source = hub.ask(make)?.handle else { return refused(&state) }
        state.source = source
        guard let track = hub.ask(.makeTrack(name: "agent", source: source))?.handle else { return refused(&state) }
        state.track = track
        let local = state.local
        guard let id = hub.start(self, { .publish(participant: local, track: track, id: $0) }) else {
            return refused(&state)
        }
        state.publishing = id
    }

    private func refused(_ state: inout RoomState) {
        fail(.unavailable("LiveKit's library refused the agent's track"), &state)
    }

    func published(_ error: String?, _ state: inout RoomState) {
        state.publishing = 0
        if let error { return fail(.unavailable("LiveKit: the agent's track was not published: \(error)"), &state) }
        state.isPublished = true
        announce(&state)
    }

    /// 20 ms of the agent.
    func play(_ samples: [Int16], generation: UInt64) {
        state.withLock { state in
            guard state.source != 0, !host.isCancelled(generation) else { return }
            let lost = state.voice.add(samples, generation: generation, now: host.now)
            if lost > 0 { host.metric(LiveKitMetrics.lateFrames, Double(lost)) }
            pump(&state)
        }
    }

    /// What waits of this answer is thrown away, here and in the library.
    func cancel(_ generation: UInt64) {
        state.withLock { state in
            state.voice.cancel(generation)
            guard state.source != 0, state.capturedGeneration == generation else { return }
            _ = hub.ask(.clear(source: state.source))
            state.clearsAfterCapture = state.capturing != 0
            pump(&state)
        }
    }

    /// One piece at a time: two that the library has at once may change places.
    private func pump(_ state: inout RoomState) {
        guard state.capturing == 0, state.source != 0, let piece = state.voice.next(),
            let samples = captureMemory.write(piece.samples)
        else { return }
        let (source, rate, count) = (state.source, input.sampleRate, piece.samples.count)
        let id = hub.start(self) { .capture(source: source, samples: samples, count: count, rate: rate, id: $0) }
        state.capturing = id ?? 0
        state.capturedGeneration = piece.generation
    }

    func captured(_ state: inout RoomState) {
        state.capturing = 0
        if state.clearsAfterCapture, state.source != 0 { _ = hub.ask(.clear(source: state.source)) }
        state.clearsAfterCapture = false
        pump(&state)
    }

    /// An event of the session, as a data packet for the caller.
    func tell(_ json: String) {
        let bytes = Array(json.utf8)
        state.withLock { state in
            guard case .joined = state.phase, let caller = state.caller, bytes.count <= Self.maximumPacket,
                state.packets.count < RoomState.maximumPackets
            else { return }
            let (memory, local) = (LentMemory(bytes), state.local)
            let id = hub.start(self) {
                .publishData(participant: local, memory.bytes, topic: Self.topic, to: caller, id: $0)
            }
            if let id { state.packets[id] = memory }
        }
    }

    /// Keys for the caller's side.
    func press(_ keys: String) {
        state.withLock { state in
            guard case .joined = state.phase, let caller = state.caller else { return }
            let local = state.local
            for key in keys.prefix(Self.maximumKeys) {
                guard let code = Self.code(String(key)) else { continue }
                hub.start(self) {
                    .publishDTMF(participant: local, code: code, digit: String(key), to: caller, id: $0)
                }
            }
        }
    }
}
