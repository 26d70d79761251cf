// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxPlugin

/// A peer between its users: the hub's thread, a timekeeper's, the session's executor, and `cancel` from anywhere.
///
/// What the peer wants done is done under its lock, so that it happens in order, and never after ``close()``. None of it
/// waits for anybody: the host's functions return at once and never call back.
final class Call: @unchecked Sendable {
    // Unchecked: everything that changes is touched under `lock` alone, `addresses` and `fragments` under the
    // hub's, `dueAt` by the timekeeper.

    private static let maximumCancelled = 64

    private let lock = Mutex(())
    private let cancelled = Mutex<[UInt64]>([])
    private let peer: Peer
    private let hub: Hub
    private let host: SessionHost
    private let outbox: Outbox
    private let format: AudioFormat
    private let greeting: OutgoingEvent
    private var isClosed = false
    private var presentationTime: Int64 = 0
    /// The client tells itself what it has played.
    private var tellsPlayed = false
    private var meter = Meter()
    private var addresses: [SocketAddress] = []
    /// Under the hub's lock: by which checks name this call.
    var fragments: [String]
    private var dueAt = Int64.min

    init(peer: Peer, hub: Hub, host: SessionHost, outbox: Outbox, format: AudioFormat, greeting: OutgoingEvent) {
        fragments = [peer.setup.credentials.fragment]
        self.peer = peer
        self.hub = hub
        self.host = host
        self.outbox = outbox
        self.format = format
        self.greeting = greeting
    }

    var offer: Offer { peer.setup.offer }
    /// Names the session of ICE as it began.
    var tag: String { peer.setup.credentials.fragment }

    // MARK: The hub's thread

    func receive(_ datagram: [UInt8], from address: SocketAddress, at now: Int64) {
        work { $0.receive(datagram, from: address, at: now) }
    }

    /// Under the hub's lock: the address is ours; returns those that no longer are.
    func note(_ address: SocketAddress) -> [SocketAddress] {
        if addresses.last == address { return [] }
        addresses.removeAll { $0 == address }
        addresses.append(address)
        guard addresses.count > ICEAgent.maximumAddresses else { return [] }
        return [addresses.removeFirst()]
    }

    /// Under the hub's lock.
    func takeAddresses() -> [SocketAddress] {
        defer { addresses = [] }
        return addresses
    }

    // MARK: The timekeeper's thread

    /// Does what is due; returns when to come again.
    func tick(at now: Int64) -> Int64 {
        guard now >= dueAt else { return dueAt }
        let next = work { peer in
            peer.tick(at: now)
            meter.read(peer, for: host, at: now)
            return peer.nextTick(after: now)
        }
        dueAt = next ?? now + Peer.longestTick
        return dueAt
    }

    // MARK: The session's executor

    /// - Parameter position: Of the first sample, in the host's count.
    func send(_ samples: [Int16], generation: UInt64, position: Int64, at now: Int64) {
        work { $0.send(samples, generation: generation, position: position, at: now) }
    }

    func press(_ keys: String, at now: Int64) -> Bool {
        work { $0.press(keys, at: now) } ?? false
    }

    /// Tells the peer an event of the session, where it has a data channel.
    func tell(_ event: String, at now: Int64) {
        work { $0.tell(event) }
    }

    /// From any thread, and without waiting for the others: done by whoever comes next, before anything else is sent.
    func cancel(_ generation: UInt64) {
        cancelled.withLock { cancelled in
            if cancelled.count == Self.maximumCancelled { cancelled.removeFirst() }
            cancelled.append(generation)
        }
    }

    /// Restarts ICE with these credentials.
    func restart(_ credentials: ICECredentials, remoteFragment: String) {
        work { $0.restart(credentials, remoteFragment: remoteFragment) }
    }

    /// Hangs up because the peer wants it; DONE follows.
    func hangUp(at now: Int64) {
        work { $0.close(at: now) }
    }

    /// Hangs up; nothing is sent to the host afterwards.
    func close(at now: Int64) {
        work { peer in
            meter.read(peer, for: host, at: .max)
            outbox.close()
            peer.close(at: now)
        }
        lock.withLock { _ in isClosed = true }
        hub.remove(self)
    }

    @discardableResult
    private func work<Result>(_ body: (Peer) -> Result) -> Result? {
        lock.withLock { _ -> Result? in
            guard !isClosed else { return nil }
            for generation in takeCancelled() { peer.cancel(generation) }
            let result = body(peer)
            for output in peer.takeOutput() { perform(output) }
            return result
        }
    }

    private func takeCancelled() -> [UInt64] {
        cancelled.withLock { cancelled in
            defer { cancelled = [] }
            return cancelled
        }
    }

    private func perform(_ output: Peer.Output) {
        switch output {
        case .send(let datagram, let address): hub.socket.send(datagram, to: address)
        case .admit(let address): hub.admit(address, to: self)
        case .answer(let fragments): hub.name(self, fragments)
        case .connected: outbox.send(greeting)
        case .hear(let samples): hear(samples)
        case .key(let key): outbox.send(.keys(String(key)))
        case .heard(let position): mark(position)
        case .message(let text): command(text)
        case .ended(let reason): outbox.send(.farEndLeft(reason))
        }
    }

    private func command(_ text: String) {
        // What the caller's page knows is better than an estimate.
        if (try? JSONValue(parsing: text))?["type"]?.string == "played" { tellsPlayed = true }
        var event = OutgoingEvent(.command)
        event.json = text
        if outbox.send(event) == .again { meter.noteUnreadMessage() }
    }

    private func mark(_ position: Int64) {
        guard !tellsPlayed else { return }
        var event = OutgoingEvent(.mark)
        event.secondInteger = position
        outbox.send(event)
    }

    private func hear(_ samples: [Int16]) {
        let status = host.emitAudio(
            samples.span, generation: 0, clause: 0, format: format, presentationTime: presentationTime)
        presentationTime += Int64(samples.count)
        // A host that is behind gets what comes now; old audio is of no use to it.
        if status == .again { meter.noteUnheard() }
    }
}
