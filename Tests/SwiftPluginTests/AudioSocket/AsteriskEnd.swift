// SPDX-License-Identifier: Apache-2.0
import Glibc
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@testable import AudioSocketTransport

/// A door with a socket of its own, as the host opens it for one request.
final class PhoneDoor {
    static let url = "http://pbx.example/doors/pbx"

    let host: FakeHost
    let provider: FakeProvider
    private(set) var sessions: [FakeSession] = []

    init(_ config: String = "") throws {
        host = FakeHost()
        let config = "{\"port\":0\(config.isEmpty ? "" : ",")\(config)}"
        provider = try host.open(audioSocketModule.table, .transport, "audiosocket", config: config)
    }

    deinit {
        for session in sessions { session.close() }
        provider.close()
    }

    func ask(
        _ body: String, method: String = "POST", isRouted: Bool = true
    ) throws -> (session: FakeSession, reply: DoorReply) {
        let format = AudioFormat(sampleRate: 8_000)
        let session = try provider.openSession(input: format, output: format)
        session.secrets = ["token": "open sesame"]
        sessions.append(session)
        let headers = ["Content-Type": "application/x-www-form-urlencoded"]
        let id = session.knock(method, Self.url, headers: headers, body: body, isRouted: isRouted)
        return (session, try #require(session.reply(id)))
    }

    /// A call that is announced, and the connection by which it comes.
    func call(_ body: String = "") throws -> (session: FakeSession, far: AsteriskEnd) {
        let (session, reply) = try ask(body)
        #expect(reply.status == 200)
        let far = try AsteriskEnd(reply)
        far.send(1, AsteriskEnd.bytes(of: reply.body))
        return (session, far)
    }

    func close(_ session: FakeSession) {
        sessions.removeAll { $0 === session }
        session.close()
    }

    func count(_ metric: AudioSocketMetric) -> Double { host.metrics[metric.rawValue] ?? 0 }
}

/// What Asterisk does: it connects, says the call's UUID, and sends and takes audio.
final class AsteriskEnd {
    private let descriptor: Int32

    init(_ reply: DoorReply) throws {
        let port = try #require(reply.headers["x-audiosocket-port"].flatMap(UInt16.init))
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(descriptor) }

    static func bytes(of uuid: String) -> [UInt8] {
        let digits = Array(uuid.filter { $0 != "-" })
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    func send(_ kind: UInt8, _ payload: [UInt8] = []) {
        send([kind, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)] + payload)
    }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// No more is sent.
    func leave() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// So many bytes, or fewer when the door closes.
    func receive(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var room = [UInt8](repeating: 0, count: count - bytes.count)
            let got = recv(descriptor, &room, room.count, 0)
            guard got > 0 else { break }
            bytes += room.prefix(got)
        }
        return bytes
    }
}
