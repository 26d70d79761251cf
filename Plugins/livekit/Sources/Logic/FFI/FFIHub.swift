// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Synchronization
internal import SyrinxPlugin

/// Who gets events of the library.
protocol FFIReceiver: AnyObject, Sendable {
    /// Called on the hub's queue, one at a time.
    func take(_ event: FFIEvent)
}

/// The library while it is in use: hands its events to the rooms that they belong to.
///
/// An event is copied on the library's thread and read on a queue of ours: what it leads to may ask the library for more,
/// which the library's own threads must not do. A receiver lives as long as it is routed to, so that a room which its
/// session has left can still say goodbye.
final class FFIHub: Sendable {
    /// Events that wait at most; later audio is lost until there is room again.
    private static let capacity = 8192

    private struct State {
        var lastID: UInt64 = 0
        var answers: [UInt64: any FFIReceiver] = [:]
        var handles: [UInt64: any FFIReceiver] = [:]
        var waiting = 0
        var users = 0
        var panic: String?
        /// Those that a panic cut off: the library may still read their memory.
        var abandoned: [any FFIReceiver] = []
        var isInitialized = false
    }

    let path: String
    private let functions: FFIFunctions
    private let state = Mutex(State())
    private let queue: DispatchQueue

    init(path: String, functions: FFIFunctions, queue: DispatchQueue) {
        self.path = path
        self.functions = functions
        self.queue = queue
    }

    /// Why nothing works any more; nil while it does.
    var panic: String? { state.withLock { $0.panic } }

    // MARK: Users

    /// A provider begins. What begins and rests the library is done on the queue, one after another.
    func attach() {
        state.withLock { $0.users += 1 }
        queue.sync {
            let begins = state.withLock { state in
                defer { state.isInitialized = true }
                return !state.isInitialized
            }
            if begins { functions.initialize { [weak self] in self?.enqueue($0) } }
        }
    }

    /// A provider ends; after the last one, and its last room, the library rests.
    func detach() {
        state.withLock { $0.users -= 1 }
        queue.sync { rest() }
    }

    private func rest() {
        let rests = state.withLock { state in
            guard state.isInitialized, state.users == 0, state.answers.isEmpty, state.handles.isEmpty else {
                return false
            }
            state.isInitialized = false
            return true
        }
        if rests { functions.dispose() }
    }

    // MARK: Requests

    /// Asks for something that is answered at once; nil = refused.
    func ask(_ request: FFIRequest) -> FFIReply? {
        functions.request(request.bytes).flatMap(FFIReply.init)
    }

    /// Asks for something that ends later: `receiver` gets one answer with the id that `make` was given, nil = refused
    /// and no answer comes.
    @discardableResult
    func start(_ receiver: any FFIReceiver, _ make: (UInt64) -> FFIRequest) -> UInt64? {
        let id = state.withLock { state in
            state.lastID += 1
            state.answers[state.lastID] = receiver
            return state.lastID
        }
        guard functions.request(make(id).bytes) != nil else {
            state.withLock { _ = $0.answers.removeValue(forKey: id) }
            return nil
        }
        return id
    }

    func drop(_ handle: UInt64) {
        guard handle != 0 else { return }
        functions.dropHandle(handle)
    }

    /// From now on `receiver` gets the events of this room or stream.
    func route(_ handle: UInt64, to receiver: any FFIReceiver) {
        state.withLock { $0.handles[handle] = receiver }
    }

    /// Its events are dropped from now on.
    func unroute(_ handle: UInt64) {
        state.withLock { _ = $0.handles.removeValue(forKey: handle) }
        // Not here: the caller may hold the receiver's lock, and this may be its last reference.
        queue.async { self.rest() }
    }

    // MARK: Events

    private func enqueue(_ event: UnsafeRawBufferPointer) {
        let bytes = [UInt8](event)
        let isFull = state.withLock { state in
            state.waiting += 1
            return state.waiting > Self.capacity
        }
        queue.async { [self] in
            state.withLock { $0.waiting -= 1 }
            guard let event = FFIEvent(bytes) else { return }
            take(event, dropsAudio: isFull)
        }
    }

    private func take(_ event: FFIEvent, dropsAudio: Bool) {
        switch event {
        case .answer(let id, let answer):
            if let receiver = state.withLock({ $0.answers.removeValue(forKey: id) }) {
                receiver.take(event)
            } else if case .connected(let connection) = answer {
                [connection.room, connection.local].forEach(drop)
            }
            rest()
        case .room(let room, let event): take(event, of: room)
        case .audio(let stream, let memory):
            if !dropsAudio { state.withLock { $0.handles[stream] }?.take(event) }
            drop(memory.handle)
        case .stray(let handle): drop(handle)
        case .panic(let message): fail(message)
        }
    }

    private func take(_ event: RoomEvent, of room: UInt64) {
        let receiver = state.withLock { $0.handles[room] }
        receiver?.take(.room(room, event))
        switch event {
        case .data(_, _, let memory): drop(memory.handle)
        case .joined(let participant): drop(participant.handle)
        // These are kept by whoever takes them.
        case .published(_, let publication) where receiver == nil: drop(publication.handle)
        case .subscribed(_, let track) where receiver == nil: drop(track.handle)
        default: break
        }
    }

    private func fail(_ message: String) {
        let receivers = state.withLock { state in
            state.panic = message
            state.abandoned += Array(state.answers.values) + Array(state.handles.values)
            (state.answers, state.handles) = ([:], [:])
            return state.abandoned
        }
        for receiver in receivers { receiver.take(.panic(message)) }
    }
}
