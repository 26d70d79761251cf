// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxABI
internal import SyrinxPlugin

/// The host's half of the C table.
///
/// C functions capture nothing, so handles lead back to the Swift objects.
enum FakeCore {
    private struct Registry {
        var last: UInt64 = 0
        var hosts: [UInt64: FakeHost] = [:]
        var sessions: [UInt64: FakeSession] = [:]
    }

    private static let registry = Mutex(Registry())

    static func register(_ host: FakeHost) -> UInt64 {
        registry.withLock { registry in
            registry.last += 1
            registry.hosts[registry.last] = host
            return registry.last
        }
    }

    static func register(_ session: FakeSession) -> UInt64 {
        registry.withLock { registry in
            registry.last += 1
            registry.sessions[registry.last] = session
            return registry.last
        }
    }

    static func unregister(_ handle: UInt64) {
        registry.withLock { registry in
            registry.hosts[handle] = nil
            registry.sessions[handle] = nil
        }
    }

    static func host(_ handle: UInt64) -> FakeHost? { registry.withLock { $0.hosts[handle] } }
    static func session(_ handle: UInt64) -> FakeSession? { registry.withLock { $0.sessions[handle] } }

    nonisolated(unsafe) static let table: UnsafePointer<syx_core> = {
        let memory = UnsafeMutablePointer<syx_core>.allocate(capacity: 1)
        memory.initialize(to: makeTable())
        return UnsafePointer(memory)
    }()

    private static func makeTable() -> syx_core {
        var core = syx_core()
        core.struct_size = UInt32(MemoryLayout<syx_core>.size)
        core.service = { provider, id in
            guard let id, FakeCore.host(provider)?.offersNetwork == true else { return nil }
            return FakeServices.table(String(cString: id))
        }
        core.emit = { session, event in
            guard let event else { return Status.invalid.rawValue }
            return (FakeCore.session(session)?.record(event.pointee) ?? .closed).rawValue
        }
        core.emit_provider = { provider, event in
            guard let event, let host = FakeCore.host(provider) else { return Status.closed.rawValue }
            host.state.withLock { $0.events.append(RecordedEvent(event.pointee)) }
            return Status.ok.rawValue
        }
        core.now_ns = { FakeCore.host($0)?.now ?? 0 }
        core.log = { provider, _, _, message, _ in
            FakeCore.host(provider)?.state.withLock { $0.logs.append(String(message)) }
        }
        core.metric = { provider, _, index, value in
            FakeCore.host(provider)?.state.withLock { $0.metrics[Int(index), default: 0] += value }
        }
        core.timer = { FakeCore.session($0)?.startTimer(afterMilliseconds: $1, cookie: $2) ?? 0 }
        core.timer_cancel = { handle, timer in
            FakeCore.session(handle)?.state.withLock { $0.timers.removeAll { $0.id == timer } }
        }
        core.run = { handle, function, argument, cookie in
            guard let session = FakeCore.session(handle), let function else { return Status.closed.rawValue }
            nonisolated(unsafe) let argument = argument
            session.state.withLock { $0.tasks.append(({ function(argument) }, cookie)) }
            return Status.ok.rawValue
        }
        return core
    }
}

extension FakeSession {
    /// Takes an event of the plugin by the host's laws.
    func record(_ raw: syx_event) -> Status {
        let event = RecordedEvent(raw)
        return state.withLock { state in
            guard !state.isClosed else {
                state.eventsAfterClose += 1
                return .closed
            }
            guard event.type == .cancelled || !state.cancelled.contains(event.generation) else { return .stale }
            guard state.events.count - state.taken < queueLimit else {
                state.wasRefused = true
                return .again
            }
            state.events.append(event)
            return .ok
        }
    }

    func startTimer(afterMilliseconds delay: UInt32, cookie: UInt64) -> UInt64 {
        let due = host.now + Int64(delay) * 1_000_000
        return state.withLock { state in
            state.lastTimer += 1
            state.timers.append((state.lastTimer, due, cookie))
            return state.lastTimer
        }
    }
}
