// SPDX-License-Identifier: Apache-2.0
import Synchronization
import SyrinxPlugin

@testable import LiveKitBackend

/// LiveKit's library as four closures: it counts its handles, keeps what it was asked, and a test plays the room.
final class FakeLiveKit: Sendable {
    struct State {
        var lastHandle: UInt64 = 100
        var handles: Set<UInt64> = []
        var wrongDrops = 0
        var requests: [(number: UInt64, body: ProtobufMessage)] = []
        var captured: [[Int16]] = []
        var onEvent: (@Sendable (UnsafeRawBufferPointer) -> Void)?
        var initialized = 0
        var disposed = 0
        var refused: Set<UInt64> = []
        var lastRoom: UInt64 = 0
        /// Behind lent frames and packets.
        var memory: [LentMemory] = []
    }

    let state = Mutex(State())

    /// The closures. They do not hold the library by a cycle: the hub does.
    var functions: FFIFunctions {
        FFIFunctions(
            initialize: { onEvent in
                self.state.withLock { state in
                    state.onEvent = onEvent
                    state.initialized += 1
                }
            },
            request: { self.answer($0) },
            dropHandle: { handle in
                self.state.withLock { state in if state.handles.remove(handle) == nil { state.wrongDrops += 1 } }
            },
            dispose: {
                self.state.withLock { state in
                    state.onEvent = nil
                    state.disposed += 1
                }
            })
    }

    /// Handles that were made and not given back.
    var openHandles: Set<UInt64> { state.withLock { $0.handles } }
    /// How often it was initialized, and disposed of.
    var beginnings: Int { state.withLock { $0.initialized } }
    var disposals: Int { state.withLock { $0.disposed } }
    var wrongDrops: Int { state.withLock { $0.wrongDrops } }
    var captured: [[Int16]] { state.withLock { $0.captured } }

    /// The requests with this number in FfiRequest, oldest first.
    func requests(_ number: UInt64) -> [ProtobufMessage] {
        state.withLock { $0.requests.filter { $0.number == number }.map(\.body) }
    }

    func makeHandle() -> UInt64 {
        state.withLock { state in
            state.lastHandle += 1
            state.handles.insert(state.lastHandle)
            return state.lastHandle
        }
    }

    private func answer(_ bytes: [UInt8]) -> [UInt8]? {
        guard let message = ProtobufMessage(bytes), let number = message.numbers.first,
            let body = message.message(number), !state.withLock({ $0.refused.contains(number) })
        else { return nil }
        state.withLock { state in
            state.requests.append((number, body))
            if number == 27, let frame = body.message(2),
                let start = UnsafePointer<Int16>(bitPattern: UInt(frame.number(1)))
            {
                state.captured.append(Array(UnsafeBufferPointer(start: start, count: Int(frame.number(4)))))
            }
        }
        guard [16, 25, 26].contains(number) else { return ProtobufWriter.message { $0.write(Int(number)) { _ in } } }
        let handle = makeHandle()
        return ProtobufWriter.message { reply in
            reply.write(Int(number)) { made in made.write(1) { $0.writeHandle(handle) } }
        }
    }

    // MARK: Events

    func emit(_ number: Int, _ fill: (inout ProtobufWriter) -> Void) {
        let bytes = ProtobufWriter.message { $0.write(number, fill) }
        let onEvent = state.withLock { $0.onEvent }
        bytes.withUnsafeBytes { onEvent?($0) }
    }

    /// The end of the last request with this number.
    func finish(_ number: UInt64, event: Int, idField: UInt64, error: String? = nil) {
        guard let id = requests(number).last?.number(idField) else { return }
        emit(event) { body in
            body.write(1, id)
            if let error { body.write(2, error) }
        }
    }

    func finishPublishing(error: String? = nil) { finish(5, event: 9, idField: 4, error: error) }
    func finishCapture() { finish(27, event: 13, idField: 3) }
    func finishDisconnect() { finish(4, event: 7, idField: 2) }
    func refuseConnection(_ error: String) { finish(3, event: 5, idField: 4, error: error) }

    /// The room is joined; `others` are there with the tracks they publish.
    func acceptConnection(_ others: [FakeGuest] = []) {
        guard let id = requests(3).last?.number(4) else { return }
        let (room, local) = (makeHandle(), makeHandle())
        state.withLock { $0.lastRoom = room }
        emit(5) { body in
            body.write(1, id)
            body.write(3) { result in
                result.write(1) { owned in
                    owned.writeHandle(room)
                    owned.write(2) { info in
                        info.write(1, "RM_1")
                        info.write(2, "r1")
                    }
                }
                result.write(2) { $0.writeHandle(local) }
                for guest in others {
                    result.write(3) { other in
                        other.write(1) { self.write(guest, &$0) }
                        for track in guest.tracks { other.write(2) { self.write(track, &$0) } }
                    }
                }
            }
        }
    }

    /// An event of the last room.
    func room(_ number: Int, _ fill: (inout ProtobufWriter) -> Void) {
        let room = state.withLock { $0.lastRoom }
        emit(1) { event in
            event.write(1, room)
            event.write(number, fill)
        }
    }

    func write(_ guest: FakeGuest, _ owned: inout ProtobufWriter) {
        owned.writeHandle(makeHandle())
        owned.write(2) { info in
            info.write(1, "PA_" + guest.identity)
            info.write(2, guest.name)
            info.write(3, guest.identity)
            info.write(5, guest.metadata)
            for (name, value) in guest.attributes {
                info.write(6) { pair in
                    pair.write(1, name)
                    pair.write(2, value)
                }
            }
            info.write(7, guest.kind)
        }
    }

    func write(_ track: FakeTrack, _ owned: inout ProtobufWriter) {
        owned.writeHandle(makeHandle())
        owned.write(2) { info in
            info.write(1, track.sid)
            info.write(3, track.kind)
            info.write(4, track.source)
            info.write(9, track.isMuted)
        }
    }

    /// Memory that lives as long as this library.
    func lend(_ bytes: [UInt8]) -> UInt64 {
        let memory = LentMemory(bytes)
        state.withLock { $0.memory.append(memory) }
        return UInt64(UInt(bitPattern: memory.bytes.baseAddress))
    }
}

/// Somebody in the fake's room.
struct FakeGuest {
    var identity: String
    var name = ""
    var metadata = ""
    var attributes: [String: String] = [:]
    /// ParticipantKind; 4 = agent.
    var kind: UInt64 = 0
    var tracks: [FakeTrack] = []
}

struct FakeTrack {
    var sid: String
    /// TrackKind; 1 = audio.
    var kind: UInt64 = 1
    /// TrackSource; 2 = microphone, 4 = sound of a shared screen.
    var source: UInt64 = 2
    var isMuted = false
}

extension ProtobufWriter {
    mutating func writeHandle(_ handle: UInt64) {
        write(1) { $0.write(1, handle) }
    }
}
