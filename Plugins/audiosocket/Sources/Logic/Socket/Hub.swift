// SPDX-License-Identifier: Apache-2.0
internal import SocketThreads
internal import Synchronization
internal import SyrinxPlugin

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The provider's socket and the thread that reads it: who comes without a ticket of the door is sent away.
final class Hub: Sendable {
    /// Peers that may be there without having said a ticket. A call says it at once: who has not for the longest makes room.
    static let maximumStrangers = 64
    static let maximumConnections = 4_096
    /// For the ticket, in ns.
    static let patience: Int64 = 5_000_000_000
    /// Two wakings are so far apart, in ms: many calls are read at one, and nobody makes it spin.
    private static let pause: Int32 = 1

    private struct State {
        var awaited: [Ticket: Call] = [:]
        var isStopping = false
    }

    private let listener: TCPListener
    private let host: Host
    private let wakeup: Wakeup
    private let state = Mutex(State())
    private let thread = Mutex<WorkerThread?>(nil)

    init(_ listener: TCPListener, _ host: Host) throws(PluginError) {
        self.listener = listener
        self.host = host
        wakeup = try Wakeup()
        // The thread keeps this object until `stop()`.
        let worker = try WorkerThread { [self] in run() }
        thread.withLock { $0 = worker }
    }

    var port: UInt16 { listener.port }

    /// The call may come from here on, once.
    func expect(_ call: Call) { state.withLock { $0.awaited[call.ticket] = call } }

    /// The session is over, whether the call has come or not.
    func close(_ call: Call) {
        state.withLock { _ = $0.awaited.removeValue(forKey: call.ticket) }
        call.close()?.finish()
    }

    /// Ends the thread and waits for it.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
        thread.withLock { $0 }?.join()
    }

    // MARK: the thread

    /// A connection with what only the thread knows of it.
    private struct Guest {
        let connection: Connection
        var reader = PacketReader()
        var call: Call?
    }

    private func run() {
        var guests: [Guest] = []
        var room = [UInt8](repeating: 0, count: 16_384)
        while !state.withLock({ $0.isStopping }) {
            var watched = guests.map { guest in
                Watched(guest.connection.descriptor, wantsToWrite: guest.connection.flush())
            }
            watched.append(Watched(listener.descriptor))
            // A stranger's time runs out while nothing else happens.
            let hasStrangers = guests.contains { $0.call == nil }
            wakeup.wait(milliseconds: hasStrangers ? 1_000 : -1, orFor: &watched)
            for index in guests.indices { serve(&guests[index], watched[index].isReady, &room) }
            guests.removeAll { guest in
                guard guest.connection.isFinished else { return false }
                guest.connection.close()
                return true
            }
            if watched.last?.isReady == true { admit(&guests) }
            Wakeup.rest(milliseconds: Self.pause)
        }
        for guest in guests { guest.connection.close() }
    }

    private func admit(_ guests: inout [Guest]) {
        for _ in 0..<64 {
            guard let descriptor = listener.accept() else { return }
            let strangers = guests.filter { $0.call == nil && !$0.connection.isFinished }
            if strangers.count >= Self.maximumStrangers, let first = strangers.first { leave(first, "") }
            guard guests.count < Self.maximumConnections else {
                closeDescriptor(descriptor)
                host.metric(AudioSocketMetric.strangers.rawValue, 1)
                continue
            }
            guests.append(Guest(connection: Connection(descriptor, at: host.now, wakeup: wakeup)))
        }
    }

    private func serve(_ guest: inout Guest, _ isReady: Bool, _ room: inout [UInt8]) {
        guard !guest.connection.isFinished else { return }
        if isReady {
            let count = recv(guest.connection.descriptor, &room, room.count, 0)
            guard count > 0 || (count < 0 && errno == EAGAIN) else {
                return leave(guest, count == 0 ? "the far end closed the connection" : "the connection broke")
            }
            guest.reader.append(room.prefix(max(0, count)))
            while !guest.connection.isFinished, let packet = guest.reader.next() { receive(packet, from: &guest) }
        }
        if guest.call == nil, host.now - guest.connection.openedAt > Self.patience { leave(guest, "") }
    }

    private func receive(_ packet: Packet, from guest: inout Guest) {
        if let call = guest.call {
            if let why = call.receive(packet) { leave(guest, why) }
            return
        }
        guard case .name(let bytes) = packet,
            let call = state.withLock({ $0.awaited.removeValue(forKey: Ticket(bytes)) })
        else { return leave(guest, "") }
        guest.call = call
        if !call.attach(guest.connection) { guest.connection.finish() }
    }

    private func leave(_ guest: Guest, _ why: String) {
        if let call = guest.call { call.lost(why) } else { host.metric(AudioSocketMetric.strangers.rawValue, 1) }
        guest.connection.finish()
    }
}
