// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("A plugin's WebSockets")
struct SocketTests {
    let socket = NetworkID(rawValue: 1)

    @Test func `send texts and bytes`() throws {
        try withWire { session, host in
            session.tell("open")
            session.tell("say early")
            session.acceptSocket(socket, subprotocol: "token")
            session.tell("say later")
            session.tell("bytes")
            #expect(session.sent(socket) == [.text("early"), .text("later"), .binary([1, 2, 3])])
            #expect(host.logs == ["opened 1 token 0"])
        }
    }

    @Test(arguments: [1, 2, 3, 16_384])
    func `put messages together, however they were cut`(pieceBytes: Int) throws {
        try withWire { session, host in
            session.tell("open")
            session.acceptSocket(socket)
            session.deliverText(socket, "grün 🐦", pieceBytes: pieceBytes)
            session.deliverText(socket, "", pieceBytes: pieceBytes)
            session.deliverBinary(socket, [1, 2, 3, 4, 5], pieceBytes: pieceBytes)
            #expect(host.logs.dropFirst() == ["text 1 grün 🐦", "text 1 ", "binary 1 5"])
        }
    }

    @Test func `are cut when a message is too large, and nothing follows`() throws {
        try withWire(config: #"{"limit":10}"#) { session, host in
            session.tell("open")
            session.acceptSocket(socket)
            session.deliverText(socket, "0123456789")
            session.deliverText(socket, "0123456789a", pieceBytes: 4)
            session.deliverText(socket, "more")
            #expect(host.logs.count == 3 && host.logs.last?.hasPrefix("closed 1 0 0 the other side sent") == true)
            #expect(session.closing(socket)?.code == 0)
        }
    }

    @Test func `are cut when a text is no UTF-8, however it is cut`() throws {
        for pieceBytes in [1, 2, 100] {
            try withWire { session, host in
                session.tell("open")
                session.acceptSocket(socket)
                session.deliverText(socket, bytes: Array("ü".utf8), pieceBytes: pieceBytes)
                session.deliverText(socket, bytes: [0x61, 0xFF, 0xC0, 0x62], pieceBytes: pieceBytes)
                session.deliverText(socket, "more")
                #expect(host.logs.count == 3 && host.logs.last?.hasPrefix("closed 1 0 0 the other side sent") == true)
                #expect(session.closing(socket)?.code == 0)
            }
        }
    }

    @Test func `tell how they ended`() throws {
        try withWire { session, host in
            for _ in 0..<4 { session.tell("open") }
            session.closeSocket(NetworkID(rawValue: 1), code: 1000, reason: "done")
            session.closeSocket(NetworkID(rawValue: 2), code: 0, error: .unavailable("reset"))
            session.refuseSocket(
                NetworkID(rawValue: 3),
                status: 429,
                body: #"{"err":"slow"}"#,
                error: PluginError(.quotaExceeded, "429", isRetryable: true, retryAfterMilliseconds: 1500)
            )
            session.tell("close 1001")
            #expect(
                host.logs == [
                    "closed 1 1000 0 done  0 clean", "closed 2 0 0 reset  0 -10",
                    #"closed 3 0 429 429 {"err":"slow"} 1500 -6"#, "closed 4 1001 0 bye  0 clean",
                ])
            #expect(session.tell("say late") == .closed)
        }
    }

    @Test func `keep what the host cannot take, in order, and say when they are full`() throws {
        try withWire { session, host in
            session.tell("open")
            session.acceptSocket(socket)
            session.refuseSends(socket)
            for index in 0..<8 { #expect(session.tell("say \(index)") == .ok) }
            #expect(session.tell("say 8") == .again)
            #expect(session.sent(socket).isEmpty)
            session.refuseSends(socket, false)
            #expect(session.sentTexts(socket) == (0..<8).map(String.init))
            #expect(session.tell("say 9") == .ok)
            #expect(session.sentTexts(socket).last == "9")
        }
    }

    @Test func `send a message that is larger than the host's window`() throws {
        try withWire { session, host in
            session.tell("open")
            #expect(session.tell("flood 400000") == .ok)
            #expect(session.sent(socket).isEmpty)
            session.acceptSocket(socket)
            #expect(session.sentTexts(socket).map(\.utf8.count) == [400_000])
            #expect(session.tell("flood 600000") == .again)
        }
    }
}
