// SPDX-License-Identifier: Apache-2.0
internal import CUSRSCTP
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The library's one state of the process: what it calls finds its association here, by a number and not by a pointer,
/// for a call may come when the association is gone.
///
/// It has no thread of its own. Whoever has an association moves its time on with ``tick()``; timers of others then run
/// on that thread too, and only leave packets in their mailboxes.
enum SCTPLibrary {
    /// Between two looks at the timers, in ms; the library's shortest is 200 ms.
    private static let interval: Int64 = 10
    /// A machine that slept is not made up for, in ms.
    private static let longestStep: Int64 = 10_000

    private static let mailboxes = Mutex<(byNumber: [UInt: SCTPMailbox], last: UInt)>(([:], 0))
    private static let ticked = Mutex<Int64>(0)

    /// Sets the library up, once.
    private static let isReady: Bool = {
        cusrsctp_init { address, bytes, count, _, _ in
            guard let bytes, let mailbox = SCTPLibrary.mailbox(address) else { return 0 }
            mailbox.put(packet: Array(UnsafeRawBufferPointer(start: bytes, count: count)))
            return 0
        }
        // What is of no use between two browsers' worth of WebRTC (RFC 8831, 5), and what a peer could fill memory with.
        for turnedOff in [
            usrsctp_sysctl_set_sctp_ecn_enable, usrsctp_sysctl_set_sctp_asconf_enable,
            usrsctp_sysctl_set_sctp_auth_enable, usrsctp_sysctl_set_sctp_auto_asconf,
            usrsctp_sysctl_set_sctp_nrsack_enable, usrsctp_sysctl_set_sctp_pktdrop_enable,
        ] {
            _ = turnedOff(0)
        }
        // In ms; as browsers have it, for a voice call does not last long enough for a minute's pause.
        _ = usrsctp_sysctl_set_sctp_rto_initial_default(1_000)
        _ = usrsctp_sysctl_set_sctp_rto_min_default(200)
        _ = usrsctp_sysctl_set_sctp_rto_max_default(10_000)
        _ = usrsctp_sysctl_set_sctp_init_rto_max_default(4_000)
        _ = usrsctp_sysctl_set_sctp_max_chunks_on_queue(2_048)
        return true
    }()

    /// A number for a new association, by which its mailbox is found.
    static func register(_ mailbox: SCTPMailbox) -> UnsafeMutableRawPointer? {
        guard isReady else { return nil }
        // Its first timer is not to run out at once because nobody has moved the time on for a while.
        tick()
        let number = mailboxes.withLock { mailboxes in
            mailboxes.last += 1
            mailboxes.byNumber[mailboxes.last] = mailbox
            return mailboxes.last
        }
        let address = UnsafeMutableRawPointer(bitPattern: number)
        usrsctp_register_address(address)
        return address
    }

    static func deregister(_ address: UnsafeMutableRawPointer) {
        usrsctp_deregister_address(address)
        mailboxes.withLock { $0.byNumber[UInt(bitPattern: address)] = nil }
    }

    static func mailbox(_ address: UnsafeMutableRawPointer?) -> SCTPMailbox? {
        mailboxes.withLock { $0.byNumber[UInt(bitPattern: address)] }
    }

    /// Lets the library's timers go on, by a clock of its own; cheap when it is not time yet. From any thread.
    static func tick() {
        ticked.withLockIfAvailable { ticked in
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let now = Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
            let elapsed = now - ticked
            guard elapsed >= interval else { return }
            ticked = now
            usrsctp_handle_timers(UInt32(min(elapsed, longestStep)))
        }
    }
}

/// What the library leaves for an association, from whichever thread it runs on. It calls nobody: the library holds locks
/// of its own meanwhile.
final class SCTPMailbox: Sendable {
    enum Arrival: Equatable {
        /// A piece of a message; `isLast` ends it.
        case data([UInt8], stream: UInt16, protocolID: UInt32, isLast: Bool)
        /// The association is up, or not any more.
        case isUp(Bool)
        /// The peer sends no more on these streams.
        case reset([UInt16])
    }

    /// More would be the library's mistake: a window of packets is sent, a window of bytes is received.
    private static let maximumWaiting = 4_096

    private let state = Mutex<(packets: [[UInt8]], arrivals: [Arrival])>(([], []))

    func put(packet: [UInt8]) {
        // What is lost is sent again.
        state.withLock { if $0.packets.count < Self.maximumWaiting { $0.packets.append(packet) } }
    }

    func put(_ arrival: Arrival) {
        state.withLock { if $0.arrivals.count < Self.maximumWaiting { $0.arrivals.append(arrival) } }
    }

    func takePackets() -> [[UInt8]] {
        state.withLock { state in
            defer { state.packets = [] }
            return state.packets
        }
    }

    func takeArrivals() -> [Arrival] {
        state.withLock { state in
            defer { state.arrivals = [] }
            return state.arrivals
        }
    }
}
