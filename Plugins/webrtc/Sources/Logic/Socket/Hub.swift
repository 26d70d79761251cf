// SPDX-License-Identifier: Apache-2.0
internal import SocketThreads
internal import Synchronization
internal import SyrinxPlugin

/// The provider's one socket, the thread that reads it, and which datagram belongs to which call.
///
/// A connectivity check names its call in USERNAME; everything else is told by where it comes from, once a check from
/// there has been found good. Reading is little work and in order; what takes time is done by the timekeepers, among
/// which the calls are divided.
final class Hub: Sendable {
    /// Datagrams between two looks at the time.
    private static let burst = 64
    /// Two wakings are so far apart, in ns: many calls' datagrams are read at one.
    private static let pause: Int64 = 1_000_000

    /// Whose an address is, and when a good check last came from there.
    private struct Owner {
        let call: Call
        let checkedAt: Int64
    }

    private struct Routes {
        var byFragment: [String: Call] = [:]
        var byAddress: [SocketAddress: Owner] = [:]
        var calls: Set<ObjectIdentifier> = []
        var isStopping = false
    }

    let socket: UDPSocket
    private let host: Host
    private let wakeup: Wakeup
    private let timekeepers: [Timekeeper]
    private let routes = Mutex(Routes())
    private let thread = Mutex<WorkerThread?>(nil)

    /// - Parameter workers: How many threads do the calls' work, beside the one that reads.
    init(socket: UDPSocket, workers: Int, host: Host) throws(PluginError) {
        self.socket = socket
        self.host = host
        wakeup = try Wakeup()
        timekeepers = try Self.timekeepers(workers, host)
        do {
            // The thread keeps this object until `stop()`.
            let worker = try WorkerThread { [self] in run() }
            thread.withLock { $0 = worker }
        } catch {
            for timekeeper in timekeepers { timekeeper.stop() }
            throw error
        }
    }

    /// Calls stay with the timekeeper that had the fewest.
    func add(_ call: Call) {
        routes.withLock { routes in
            for fragment in call.fragments { routes.byFragment[fragment] = call }
            routes.calls.insert(ObjectIdentifier(call))
        }
        timekeepers.min { $0.load < $1.load }?.add(call)
    }

    /// Nothing more reaches this call.
    func remove(_ call: Call) {
        for timekeeper in timekeepers { timekeeper.remove(call) }
        routes.withLock { routes in
            routes.calls.remove(ObjectIdentifier(call))
            for fragment in call.fragments { routes.byFragment[fragment] = nil }
            for address in call.takeAddresses() where routes.byAddress[address]?.call === call {
                routes.byAddress[address] = nil
            }
        }
    }

    /// Checks name this call by these fragments, and by no others.
    func name(_ call: Call, _ fragments: [String]) {
        routes.withLock { routes in
            guard routes.calls.contains(ObjectIdentifier(call)) else { return }
            for fragment in call.fragments { routes.byFragment[fragment] = nil }
            for fragment in fragments { routes.byFragment[fragment] = call }
            call.fragments = fragments
        }
    }

    /// Datagrams of this address are this call's from now on; those it no longer listens to are nobody's.
    ///
    /// A source address proves nothing: one that another call has consent for stays that call's (RFC 7675, 5.1), or a
    /// caller could cut another off by a check in its name.
    func admit(_ address: SocketAddress, to call: Call) {
        let now = host.now
        routes.withLock { routes in
            guard routes.calls.contains(ObjectIdentifier(call)) else { return }
            if let owner = routes.byAddress[address], owner.call !== call,
                now - owner.checkedAt <= ICEAgent.consentTimeout
            {
                return
            }
            routes.byAddress[address] = Owner(call: call, checkedAt: now)
            for old in call.note(address) where routes.byAddress[old]?.call === call { routes.byAddress[old] = nil }
        }
    }

    /// Ends the threads and waits for them.
    func stop() {
        routes.withLock { $0.isStopping = true }
        wakeup.signal()
        thread.withLock { $0 }?.join()
        for timekeeper in timekeepers { timekeeper.stop() }
    }

    private func run() {
        var room = [UInt8](repeating: 0, count: UDPSocket.maximumDatagram)
        var wokenAt = host.now
        while !routes.withLock({ $0.isStopping }) {
            socket.wait(or: wakeup)
            if host.now - wokenAt < Self.pause { wakeup.wait(milliseconds: 1) }
            wokenAt = host.now
            for _ in 0..<Self.burst {
                guard let (bytes, peer) = socket.receive(into: &room) else { break }
                // Each at its own time: what comes during a burst must not seem to be as old as its beginning.
                call(for: bytes, from: peer)?.receive(bytes, from: peer, at: host.now)
            }
        }
    }

    private func call(for bytes: [UInt8], from peer: SocketAddress) -> Call? {
        let known = routes.withLock { $0.byAddress[peer]?.call }
        guard DatagramKind(bytes) == .stun, let message = STUNMessage(bytes) else { return known }
        let fragment = String(message.username.prefix { $0 != ":" })
        return routes.withLock { $0.byFragment[fragment] } ?? known
    }

    private static func timekeepers(_ count: Int, _ host: Host) throws(PluginError) -> [Timekeeper] {
        var made: [Timekeeper] = []
        for _ in 0..<max(1, count) {
            do {
                made.append(try Timekeeper(host: host))
            } catch {
                for timekeeper in made { timekeeper.stop() }
                throw error
            }
        }
        return made
    }
}
