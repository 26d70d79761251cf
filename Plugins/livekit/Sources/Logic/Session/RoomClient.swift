// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxPlugin

/// One participant of one room: joins, listens to the caller, speaks, leaves.
///
/// Called by the session, by the hub's queue and, to cancel, by any thread; all state is behind one lock. The library and
/// the host are asked while it is held: neither calls back (R3).
final class RoomClient: FFIReceiver {
    enum TimerID {
        static let callerAway: UInt64 = 1
    }

    /// What the library keeps for its own clock, in milliseconds.
    static let queueMilliseconds: UInt32 = 100

    let hub: FFIHub
    let host: SessionHost
    let outbox: Outbox
    let input: AudioFormat
    let output: AudioFormat
    let captureMemory: LentMemory
    let state: Mutex<RoomState>

    init(hub: FFIHub, host: SessionHost, input: AudioFormat, output: AudioFormat) {
        self.hub = hub
        self.host = host
        self.input = input
        self.output = output
        outbox = Outbox(host: host)
        let voice = AgentVoice(rate: input.sampleRate)
        captureMemory = LentMemory(byteCount: 2 * voice.pieceLength)
        state = Mutex(RoomState(voice: voice))
    }

    // MARK: Of the session

    /// Connects with a token; READY, PEER and the rest follow.
    func connect(_ join: RoomJoin, address: String, token: String, singleConnection: Bool?) {
        state.withLock { state in
            guard case .idle = state.phase, !state.isClosed else { return }
            state.join = join
            state.phase = .connecting
            let id = hub.start(self) {
                .connect(url: address, token: token, singleConnection: singleConnection, id: $0)
            }
            if id == nil { fail(.unavailable("LiveKit's library refused to connect"), &state) }
        }
    }

    /// Ends the session for this reason.
    func fail(_ error: PluginError) {
        state.withLock { fail(error, &$0) }
    }

    func timerFired(_ id: UInt64) {
        state.withLock { state in
            if id == TimerID.callerAway, state.isCallerAway, !state.isReconnecting {
                finish("the caller did not come back", &state)
            }
        }
    }

    /// Leaves the room; what the library holds is given back once it has said goodbye.
    func close() {
        state.withLock { state in
            state.isClosed = true
            outbox.close()
            state.voice.clear()
            leave(&state)
        }
    }

    // MARK: Of the library

    func take(_ event: FFIEvent) {
        state.withLock { state in
            switch event {
            case .answer(let id, .connected(let connection)): connected(connection, id, &state)
            case .answer(let id, .finished(let error)): finished(id, error, &state)
            case .room(state.room, let event): take(event, &state)
            case .audio(let stream, let memory): hear(stream, memory, &state)
            case .panic(let message):
                fail(.panicked(message), &state)
                state.phase = .gone
            default: break
            }
        }
    }

    private func finished(_ id: UInt64, _ error: String?, _ state: inout RoomState) {
        if id == state.capturing {
            captured(&state)
        } else if id == state.publishing {
            published(error, &state)
        } else if id == state.disconnecting {
            release(&state)
        } else if state.packets.removeValue(forKey: id) == nil, case .connecting = state.phase {
            state.phase = .gone
            fail(Self.refusal(error ?? "no room"), &state)
        }
    }

    /// The library's words tell what kind of failure it was; there is no code.
    private static func refusal(_ message: String) -> PluginError {
        let lower = message.lowercased()
        let text = "LiveKit: \(message.prefix(180))"
        let isAuthentication = ["401", "403", "unauthorized", "forbidden", "token"].contains { lower.contains($0) }
        return isAuthentication ? PluginError(.unauthenticated, text) : .unavailable(text)
    }

    // MARK: Endings

    func finish(_ reason: String, _ state: inout RoomState) {
        guard !state.isOver, !state.isClosed else { return }
        state.isOver = true
        outbox.send(.farEndLeft(reason))
    }

    func fail(_ error: PluginError, _ state: inout RoomState) {
        guard !state.isOver, !state.isClosed else { return }
        state.isOver = true
        outbox.send(.failed(error, generation: 0))
    }

    func leave(_ state: inout RoomState) {
        guard case .joined = state.phase else { return }
        state.phase = .leaving
        let room = state.room
        guard let id = hub.start(self, { .disconnect(room: room, id: $0) }) else { return release(&state) }
        state.disconnecting = id
    }

    /// Gives back all that the library lent.
    func release(_ state: inout RoomState) {
        if case .gone = state.phase { return }
        state.phase = .gone
        stopHearing(&state)
        for offer in state.offers.values { hub.drop(offer.handle) }
        state.offers = [:]
        hub.unroute(state.room)
        for handle in [state.track, state.source, state.local, state.room] { hub.drop(handle) }
        (state.track, state.source, state.local, state.room) = (0, 0, 0, 0)
        state.voice.clear()
    }
}
