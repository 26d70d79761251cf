// SPDX-License-Identifier: Apache-2.0
import SocketThreads
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import WebRTCTransport

/// Calls over real sockets and threads, with the host's clock standing still unless moved.
@Suite("WebRTC over a socket")
struct SocketTests {
    /// A browser with a socket of its own, and the session that it called.
    final class Caller {
        let session: FakeSession
        let far: BrowserEnd
        private var socket: UDPSocket
        private let wakeup: Wakeup
        private let server: SocketAddress
        private var credentials: ICECredentials
        private var remote = "abcd"
        private var checks: UInt8 = 0
        private(set) var answered = 0
        private var sequence: UInt16 = 0

        private static func socket() throws -> UDPSocket {
            try UDPSocket(binding: try #require(SocketAddress("127.0.0.1", port: 0)))
        }

        init(_ provider: FakeProvider, socket: UDPSocket? = nil) throws {
            session = try provider.openSession()
            far = try BrowserEnd()
            self.socket = try socket ?? Self.socket()
            wakeup = try Wakeup()
            let offer = OfferTests.chrome.replacing("sha-256 \(OfferTests.hash)", far.identity.fingerprint)
            let id = session.knock("POST", WhipTests.url, headers: ["Content-Type": "application/sdp"], body: offer)
            let reply = try #require(session.reply(id))
            credentials = try Self.credentials(reply.body)
            let candidate = Self.value("a=candidate:1 1 udp 2130706431 127.0.0.1 ", reply.body)
            let port = try #require(UInt16(candidate.prefix { $0 != " " }))
            server = try #require(SocketAddress("127.0.0.1", port: port))
        }

        static func value(_ start: String, _ text: String) -> String {
            let line = text.split(separator: "\r\n").first { $0.hasPrefix(start) } ?? ""
            return String(line.dropFirst(start.count))
        }

        static func credentials(_ text: String) throws -> ICECredentials {
            let fragment = value("a=ice-ufrag:", text), password = value("a=ice-pwd:", text)
            try #require(!fragment.isEmpty && !password.isEmpty)
            return ICECredentials(fragment: fragment, password: password)
        }

        /// Goes on at another address, as after a change of networks.
        ///
        /// - Returns: The address that it leaves.
        func move() throws -> UDPSocket {
            let left = socket
            socket = try Self.socket()
            return left
        }

        /// A check from its address, by its own name and password or by another's.
        func check(as other: Caller? = nil) {
            checks &+= 1
            answered = 0
            let transaction = [UInt8](repeating: checks, count: 12)
            let credentials = (other ?? self).credentials
            let username = "\(credentials.fragment):\((other ?? self).remote)"
            socket.send(
                STUNMessage.request(
                    transaction: transaction, username: username, password: credentials.password, usesCandidate: true),
                to: server)
        }

        /// Reads what has come, waiting for it 100 ms at most.
        func read() {
            var room = [UInt8](repeating: 0, count: UDPSocket.maximumDatagram)
            socket.wait(or: wakeup, milliseconds: 100)
            while let (bytes, _) = socket.receive(into: &room) {
                switch DatagramKind(bytes) {
                case .stun: answered += 1
                case .dtls: far.receive(bytes)
                default: break
                }
            }
            for datagram in far.takeDatagrams() { socket.send(datagram, to: server) }
        }

        func connect() {
            check()
            awaitAnswer()
            far.handshake()
            for datagram in far.takeDatagrams() { socket.send(datagram, to: server) }
            for _ in 0..<50 where far.srtp == nil { read() }
        }

        func awaitAnswer() {
            for _ in 0..<50 where answered == 0 { read() }
        }

        func restart() throws {
            let body = "a=ice-ufrag:efgh\r\na=ice-pwd:\(String(repeating: "p", count: 24))\r\n"
            let headers = ["Content-Type": ICEFragment.contentType, "If-Match": "*"]
            let id = session.knock("PATCH", WhipTests.url, path: "id", headers: headers, body: body)
            let reply = try #require(session.reply(id))
            credentials = try Self.credentials(reply.body)
            remote = "efgh"
        }

        func speak() throws {
            let encoder = try #require(OpusVoiceEncoder(rate: 48_000, bitrate: 32_000))
            let payload = try #require(encoder.encode((0..<960).map { Int16($0 % 100) * 50 }[...]))
            let packet = RTPPacket(
                payloadType: 111, sequence: sequence, timestamp: UInt32(sequence) * 960, source: 77,
                payload: payload[...])
            sequence += 1
            socket.send(try #require(far.srtp?.protect(packet.bytes)), to: server)
        }
    }

    @Test(arguments: [1, 3])
    func `calls are served by as many threads as told`(workers: Int) async throws {
        let config = #"{"workers":\#(workers)}"#
        let provider = try FakeHost().open(webRTCModule.table, .transport, "webrtc", config: config)
        defer { provider.close() }
        let callers = try (0..<7).map { _ in try Caller(provider) }
        for caller in callers { caller.connect() }
        for caller in callers {
            _ = try #require(await caller.session.waitFor { $0.type == .peer })
            for _ in 0..<5 { try caller.speak() }
        }
        for caller in callers { #expect(await caller.session.hear()?.samples.count == 320) }
        for caller in callers { caller.session.close() }
        #expect(callers.allSatisfy { $0.session.eventsAfterClose == 0 })
    }

    @Test
    func `nobody is cut off by another's checks in the name of their address`() async throws {
        let provider = try FakeHost().open(webRTCModule.table, .transport, "webrtc", config: "{}")
        defer { provider.close() }
        let caller = try Caller(provider), other = try Caller(provider)
        for each in [caller, other] {
            each.connect()
            _ = try #require(await each.session.waitFor { $0.type == .peer })
        }
        caller.check(as: other)
        caller.awaitAnswer()
        for _ in 0..<5 { try caller.speak() }
        #expect(await caller.session.hear()?.samples.count == 320)
        for each in [caller, other] { each.session.close() }
    }

    @Test
    func `an address that a caller has left long ago is free for another`() async throws {
        let provider = try FakeHost().open(webRTCModule.table, .transport, "webrtc", config: "{}")
        defer { provider.close() }
        let caller = try Caller(provider)
        defer { caller.session.close() }
        caller.connect()
        let left = try caller.move()
        for _ in 0..<2 {
            caller.check()
            caller.awaitAnswer()
            caller.session.advance(milliseconds: 16_000)
        }
        let other = try Caller(provider, socket: left)
        defer { other.session.close() }
        other.connect()
        #expect(await other.session.waitFor { $0.type == .peer } != nil)
    }

    @Test
    func `after a restart of ICE the call goes on by its new name`() async throws {
        let provider = try FakeHost().open(webRTCModule.table, .transport, "webrtc", config: "{}")
        defer { provider.close() }
        let caller = try Caller(provider)
        defer { caller.session.close() }
        caller.connect()
        _ = try #require(await caller.session.waitFor { $0.type == .peer })
        try caller.restart()
        caller.check()
        caller.awaitAnswer()
        #expect(caller.answered == 1)
        #expect(!caller.session.events.contains { $0.type == .done })
    }
}

extension FakeSession {
    fileprivate func waitFor(
        milliseconds: Int, _ isWanted: (RecordedEvent) -> Bool
    ) async -> RecordedEvent? {
        for _ in 0..<milliseconds {
            if let event = events.first(where: isWanted) { return event }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return nil
    }

    /// What a call's packets say. They wait in the jitter buffer until the clock says that it is their time.
    fileprivate func hear() async -> RecordedEvent? {
        for _ in 0..<50 {
            advance(milliseconds: 20)
            if let heard = await waitFor(milliseconds: 100, { $0.type == .audioOut }) { return heard }
        }
        return nil
    }
}
