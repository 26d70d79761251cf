// SPDX-License-Identifier: Apache-2.0
internal import CUSRSCTP

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// One association of SCTP without a network of its own (RFC 8261): packets go in, packets come out.
///
/// Both ends begin it (RFC 8831, 6.2); that the two beginnings meet is foreseen.
final class SCTPAssociation {
    /// Streams of each direction; a channel takes one of both.
    static let streams: UInt16 = 64
    /// Bytes of a packet: what a datagram has left beside DTLS.
    private static let maximumPacket: UInt32 = 1_150
    /// What waits to be sent or acknowledged, and what may wait to be read, in bytes.
    private static let sendRoom: Int32 = 320 << 10
    private static let receiveRoom: Int32 = 128 << 10

    enum Sent {
        case ok, later, never
    }

    private let mailbox = SCTPMailbox()
    private let address: UnsafeMutableRawPointer
    private var socket: OpaquePointer?
    private var isClosed = false

    /// Begins at once.
    init?(localPort: UInt16, remotePort: UInt16) {
        guard let address = SCTPLibrary.register(mailbox) else { return nil }
        self.address = address
        socket = Self.open(address)
        guard let socket, Self.configure(socket),
            Self.with(address, localPort, { usrsctp_bind(socket, $0, $1) }) == 0,
            Self.with(address, remotePort, { usrsctp_connect(socket, $0, $1) == 0 || errno == EINPROGRESS })
        else {
            close()
            return nil
        }
    }

    deinit { close() }

    /// Takes what DTLS has carried.
    func receive(_ packet: [UInt8]) {
        guard socket != nil, !packet.isEmpty else { return }
        usrsctp_conninput(address, packet, packet.count, 0)
    }

    func takePackets() -> [[UInt8]] { mailbox.takePackets() }
    func takeArrivals() -> [SCTPMailbox.Arrival] { mailbox.takeArrivals() }

    /// Sends a message in order and reliably.
    func send(_ bytes: [UInt8], stream: UInt16, protocolID: UInt32) -> Sent {
        guard let socket else { return .never }
        var info = sctp_sndinfo()
        info.snd_sid = stream
        info.snd_ppid = protocolID.bigEndian
        let sent = usrsctp_sendv(
            socket, bytes, bytes.count, nil, 0, &info, socklen_t(MemoryLayout<sctp_sndinfo>.size),
            UInt32(SCTP_SENDV_SNDINFO), 0)
        if sent >= 0 { return .ok }
        return errno == EWOULDBLOCK || errno == EAGAIN ? .later : .never
    }

    /// Sends no more on this stream (RFC 6525).
    func reset(stream: UInt16) {
        // The association's number, flags, how many streams, which.
        let fields: [UInt16] = [0, 0, UInt16(SCTP_STREAM_RESET_OUTGOING), 1, stream]
        _ = fields.withUnsafeBytes { set(socket, SCTP_RESET_STREAMS, $0) }
    }

    /// Ends it with a word to the peer, which is among ``takePackets()``.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        defer { SCTPLibrary.deregister(address) }
        guard let socket else { return }
        self.socket = nil
        var linger = linger(l_onoff: 1, l_linger: 0)
        usrsctp_setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        usrsctp_close(socket)
    }

    // MARK: Setting it up

    private static func open(_ address: UnsafeMutableRawPointer) -> OpaquePointer? {
        usrsctp_socket(
            AF_CONN, Int32(SOCK_STREAM.rawValue), Int32(IPPROTO_SCTP),
            { _, _, data, count, info, flags, address in
                guard let data else { return 1 }
                defer { free(data) }
                let bytes = UnsafeRawBufferPointer(start: data, count: count)
                let arrival = SCTPAssociation.arrival(bytes, info, flags)
                if let arrival { SCTPLibrary.mailbox(address)?.put(arrival) }
                return 1
            }, nil, 0, address)
    }

    private static func arrival(
        _ bytes: UnsafeRawBufferPointer, _ info: sctp_rcvinfo, _ flags: Int32
    ) -> SCTPMailbox.Arrival? {
        guard flags & MSG_NOTIFICATION != 0 else {
            return .data(
                Array(bytes), stream: info.rcv_sid, protocolID: UInt32(bigEndian: info.rcv_ppid),
                isLast: flags & Int32(MSG_EOR) != 0)
        }
        // All begin with type, flags and length; numbers are the machine's.
        func number(_ offset: Int) -> UInt16? {
            offset + 2 <= bytes.count ? bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self) : nil
        }
        switch number(0).map(Int32.init) {
        case SCTP_ASSOC_CHANGE:
            let state = number(8).map(Int32.init)
            return .isUp(state == SCTP_COMM_UP || state == SCTP_RESTART)
        case SCTP_STREAM_RESET_EVENT:
            guard let flags = number(2), Int32(flags) & SCTP_STREAM_RESET_INCOMING_SSN != 0 else { return nil }
            return .reset(stride(from: 12, to: bytes.count - 1, by: 2).compactMap { number($0) })
        default: return nil
        }
    }

    private static func configure(_ socket: OpaquePointer) -> Bool {
        var initial = sctp_initmsg()
        (initial.sinit_num_ostreams, initial.sinit_max_instreams) = (streams, streams)
        var path = sctp_paddrparams()
        path.spp_flags = UInt32(SPP_PMTUD_DISABLE)
        path.spp_pathmtu = maximumPacket
        var resets = sctp_assoc_value(
            assoc_id: UInt32(SCTP_ALL_ASSOC), assoc_value: UInt32(SCTP_ENABLE_RESET_STREAM_REQ))
        var on: Int32 = 1
        var rooms = (sendRoom, receiveRoom)
        let size = socklen_t(MemoryLayout<Int32>.size)
        let isSet =
            usrsctp_set_non_blocking(socket, 1) == 0
            && usrsctp_setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &rooms.0, size) == 0
            && usrsctp_setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &rooms.1, size) == 0
            && withUnsafeBytes(of: &initial) { set(socket, SCTP_INITMSG, $0) }
            && withUnsafeBytes(of: &path) { set(socket, SCTP_PEER_ADDR_PARAMS, $0) }
            && withUnsafeBytes(of: &resets) { set(socket, SCTP_ENABLE_STREAM_RESET, $0) }
            && withUnsafeBytes(of: &on) { set(socket, SCTP_NODELAY, $0) }
        return isSet
            && [SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT].allSatisfy { type in
                var event = sctp_event(se_assoc_id: UInt32(SCTP_ALL_ASSOC), se_type: UInt16(type), se_on: 1)
                return withUnsafeBytes(of: &event) { set(socket, SCTP_EVENT, $0) }
            }
    }

    private static func set(_ socket: OpaquePointer, _ option: Int32, _ value: UnsafeRawBufferPointer) -> Bool {
        usrsctp_setsockopt(socket, Int32(IPPROTO_SCTP), option, value.baseAddress, socklen_t(value.count)) == 0
    }

    private func set(_ socket: OpaquePointer?, _ option: Int32, _ value: UnsafeRawBufferPointer) -> Bool {
        socket.map { Self.set($0, option, value) } ?? false
    }

    /// Both ends have the same address, which is no more than a number.
    private static func with<Result>(
        _ address: UnsafeMutableRawPointer, _ port: UInt16,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var name = sockaddr_conn(
            sconn_family: UInt16(AF_CONN), sconn_port: port.bigEndian, sconn_addr: address)
        return withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_conn>.size))
            }
        }
    }
}
