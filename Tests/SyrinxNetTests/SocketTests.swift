// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxNet
import Testing

@Suite(.timeLimit(.minutes(3))) struct SocketTests {
    @Test(arguments: [false, true])
    func `messages go both ways, and the close is clean`(secure: Bool) async throws {
        let server = try await RawServer(tls: secure ? Certificates.shared.get().serverContext() : nil) { connection in
            let head = try await connection.accept("Sec-WebSocket-Protocol: realtime\r\nX-Id: 7\r\n")
            #expect(
                head.hasPrefix("GET /v1/listen?a=b HTTP/1.1\r\n") && head.contains("\r\nAuthorization: Token x\r\n"))
            #expect(head.contains("Sec-WebSocket-Version: 13") && !head.contains("Sec-WebSocket-Extensions"))
            let text = try await connection.frame()
            #expect(text == .init(isFinal: true, opcode: 1, payload: Array("early".utf8), isMasked: true))
            let part = try await connection.frame()
            #expect(!part.isFinal && part.opcode == 2 && part.payload == [1, 2])
            let rest = try await connection.frame()
            #expect(rest.isFinal && rest.opcode == 0 && rest.payload == Array(repeating: 3, count: 70_000))
            try await connection.send(ServerConnection.text("hello") + ServerConnection.frame(2, [9]))
            let close = try await connection.frame()
            #expect(close.opcode == 8 && close.payload == [0x03, 0xe8] + Array("bye".utf8))
            try await connection.send(ServerConnection.frame(8, [0x03, 0xe8] + Array("so long".utf8)))
            try await connection.over()
        }
        let bench = try Bench()
        var request = try Bench.request("\(secure ? "wss" : "ws")://localhost:\(server.port)/v1/listen?a=b")
        request.headers = [
            ("Authorization", "Token x"), ("Sec-WebSocket-Protocol", "realtime, other"),
            ("Sec-WebSocket-Extensions", "x"),
        ]
        let (exchange, recorder) = bench.open(request)
        #expect(exchange.send(Array("early".utf8), isText: true, isLast: true))
        #expect(try await recorder.opened() == "realtime")
        #expect(recorder.log.value.opened?.headers.first { $0.name == "x-id" }?.value == "7")
        #expect(exchange.send([1, 2], isText: false, isLast: false))
        #expect(exchange.send(Array(repeating: 3, count: 70_000), isText: false, isLast: true))
        #expect(try await recorder.message(1) == .init(bytes: Array("hello".utf8), isText: true))
        #expect(try await recorder.message(2) == .init(bytes: [9], isText: false))
        exchange.close(code: 1000, reason: "bye")
        let end = try await recorder.end()
        #expect(end.failure == nil && end.closeCode == 1000 && end.reason == "so long")
        server.stop()
    }

    @Test func `a long message arrives in pieces, fragments and pings between them notwithstanding`() async throws {
        let server = try await RawServer { connection in
            // Frames right behind the upgrade's answer, in one write.
            let head = try await connection.head()
            let long = [UInt8](repeating: 7, count: 40_000)
            let bytes =
                Array(ServerConnection.acceptance(head).utf8)
                + ServerConnection.frame(1, long, isFinal: false) + ServerConnection.frame(9, [1, 2, 3])
                + ServerConnection.frame(0, [], isFinal: false) + ServerConnection.frame(0, Array("end".utf8))
            try await connection.send(bytes)
            let pong = try await connection.frame()
            #expect(pong == .init(isFinal: true, opcode: 10, payload: [1, 2, 3], isMasked: true))
            // One byte at a time.
            for byte in ServerConnection.text("slow") { try await connection.send([byte]) }
            try await connection.over()
        }
        let bench = try Bench()
        let (exchange, recorder) = bench.open(try Bench.request("ws://localhost:\(server.port)/"))
        #expect(try await recorder.message(1).bytes == Array(repeating: 7, count: 40_000) + Array("end".utf8))
        #expect(try await recorder.message(2).bytes == Array("slow".utf8))
        #expect(recorder.log.value.longest == NetworkLimits.piece)
        exchange.abort()
        #expect(try await recorder.end().failure?.kind == .aborted)
        server.stop()
    }

    @Test func `a text that is no UTF-8 ends the connection: the server is told 1007, the caller what was wrong`()
        async throws
    {
        let server = try await RawServer { connection in
            let head = try await connection.head()
            let bytes =
                Array(ServerConnection.acceptance(head).utf8)
                + ServerConnection.frame(1, Array("half a ".utf8) + [0xC3], isFinal: false)
                + ServerConnection.frame(0, [0x28])
            try await connection.send(bytes)
            let close = try await connection.frame()
            #expect(close.opcode == 8 && close.payload.prefix(2) == [0x03, 0xef])
            try await connection.over()
        }
        let bench = try Bench()
        let (_, recorder) = bench.open(try Bench.request("ws://localhost:\(server.port)/"))
        let failure = try #require(try await recorder.end().failure)
        #expect(failure.kind == .protocolBroken)
        #expect(failure.message == "localhost broke WebSocket's rules: a text that is no UTF-8")
        server.stop()
    }

    @Test func `a refused upgrade tells status, headers and the beginning of its body`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            let body = String(repeating: "n", count: 10_000)
            try await connection.send(
                "HTTP/1.1 401 Unauthorized\r\nRetry-After: 3\r\nContent-Length: 10000\r\n\r\n\(body)")
            try await connection.over()
        }
        let (_, recorder) = try Bench().open(try Bench.request("ws://localhost:\(server.port)/"))
        let end = try await recorder.end()
        #expect(end.failure?.kind == .upgradeRefused && end.status == 401)
        #expect(end.headers.first { $0.name == "retry-after" }?.value == "3")
        #expect(end.body == Array(repeating: UInt8(ascii: "n"), count: 4096))
        server.stop()
    }

    @Test func `a refusal whose body is cut is told all the same`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nlater")
        }
        let (_, recorder) = try Bench().open(try Bench.request("ws://localhost:\(server.port)/"))
        let end = try await recorder.end()
        #expect(end.failure?.kind == .upgradeRefused && end.status == 503 && end.body == Array("later".utf8))
        server.stop()
    }

    @Test(arguments: [
        ("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n", "Accept"),
        ("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "Accept"),
        ("HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "Upgrade: websocket"),
        ("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n", "Connection: Upgrade"),
        ("+Sec-WebSocket-Extensions: permessage-deflate\r\n", "extension"),
        ("+Sec-WebSocket-Protocol: never-offered\r\n", "subprotocol"),
    ])
    func `an answer to the upgrade that is not one is a broken protocol`(answer: String, word: String) async throws {
        let server = try await RawServer { connection in
            let head = try await connection.head()
            try await connection.send(
                answer.hasPrefix("+") ? ServerConnection.acceptance(head, String(answer.dropFirst())) : answer)
            try await connection.over()
        }
        let (_, recorder) = try Bench().open(try Bench.request("ws://localhost:\(server.port)/"))
        let failure = try #require(try await recorder.end().failure)
        #expect(failure.kind == .protocolBroken && failure.message.contains(word))
        server.stop()
    }

    @Test(
        arguments: [
            ("masked", [0x81, 0x81, 0, 0, 0, 0, 65]), ("reserved bit", [0xc1, 0]), ("opcode 3", [0x83, 0]),
            ("opcode 11", [0x8b, 0]), ("continuation of nothing", [0x80, 0]),
            ("message in a message", [0x01, 1, 65, 0x81, 1, 66]), ("ping in fragments", [0x09, 0]),
            ("long ping", [0x89, 126, 0, 126]), ("close of one byte", [0x88, 1, 3]),
            ("close code 1005", [0x88, 2, 0x03, 0xed]), ("close code 999", [0x88, 2, 0x03, 0xe7]),
            ("length too long", [0x81, 126, 0, 5]), ("length of 2^63", [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] as [(String, [UInt8])])
    func `a frame against the rules ends the socket with 1002`(name: String, bytes: [UInt8]) async throws {
        let server = try await RawServer { connection in
            try await connection.accept()
            try await connection.send(bytes)
            let close = try await connection.frame()
            #expect(close.opcode == 8 && close.payload.prefix(2) == [0x03, 0xea])
            try await connection.over()
        }
        let (_, recorder) = try Bench().open(try Bench.request("ws://localhost:\(server.port)/"))
        #expect(try await recorder.end().failure?.kind == .protocolBroken)
        _ = try await server.connections.value.first?.over()
        server.stop()
    }

    @Test func `a message beyond the limit ends the socket with 1009`() async throws {
        let server = try await RawServer { connection in
            try await connection.accept()
            try await connection.send(ServerConnection.frame(2, Array(repeating: 0, count: 60), isFinal: false))
            try await connection.send(ServerConnection.frame(0, Array(repeating: 0, count: 60)))
            let close = try await connection.frame()
            #expect(close.payload.prefix(2) == [0x03, 0xf1])
        }
        let bench = try Bench { $0.message = 100 }
        let (_, recorder) = bench.open(try Bench.request("ws://localhost:\(server.port)/"))
        #expect(try await recorder.end().failure?.kind == .protocolBroken)
        server.stop()
    }

    @Test func `the other side's close is answered and is no failure, but a cut is`() async throws {
        let server = try await RawServer { connection in
            try await connection.accept()
            guard connection.index == 0 else { return }
            try await connection.send(ServerConnection.frame(8, [0x03, 0xf3] + Array("oops".utf8)))
            let echo = try await connection.frame()
            #expect(echo.opcode == 8 && echo.payload == [0x03, 0xf3])
        }
        let bench = try Bench()
        let (_, closed) = bench.open(try Bench.request("ws://localhost:\(server.port)/"))
        let end = try await closed.end()
        #expect(end.failure == nil && end.closeCode == 1011 && end.reason == "oops")
        let (_, cut) = bench.open(try Bench.request("ws://localhost:\(server.port)/"))
        let failed = try await cut.end()
        #expect(failed.failure?.kind == .connection && failed.closeCode == nil)
        server.stop()
    }

    @Test func `a close that is not answered ends in time`() async throws {
        let server = try await RawServer { connection in
            try await connection.accept()
            try await connection.over()
        }
        let bench = try Bench { $0.closeTimeout = .milliseconds(300) }
        let (exchange, recorder) = bench.open(try Bench.request("ws://localhost:\(server.port)/"))
        _ = try await recorder.opened()
        exchange.close(code: 1000, reason: "")
        #expect(try await recorder.end().failure?.kind == .timeout)
        server.stop()
    }

    @Test func `a peer that is silent is pinged, and taken for dead when it does not answer`() async throws {
        let server = try await RawServer { connection in
            try await connection.accept()
            for _ in 0..<2 {
                #expect(try await connection.frame().opcode == 9)
                try await connection.send(ServerConnection.frame(10, []))
            }
            #expect(try await connection.frame().opcode == 9)
            try await connection.over()
        }
        let bench = try Bench {
            $0.pingInterval = .milliseconds(50)
            $0.pongDeadline = .seconds(3)
        }
        let (_, recorder) = bench.open(try Bench.request("ws://localhost:\(server.port)/"))
        let failure = try #require(try await recorder.end().failure)
        #expect(failure.kind == .timeout && failure.message == "localhost did not answer a ping")
        server.stop()
    }

    @Test func `a silence limit replaces pings`() async throws {
        let server = try await RawServer { connection in
            try await connection.accept()
            try await connection.over()
            #expect(connection.input.value.bytes.isEmpty)
        }
        let bench = try Bench { $0.pingInterval = .milliseconds(20) }
        var request = try Bench.request("ws://localhost:\(server.port)/")
        request.silenceTimeout = .milliseconds(200)
        let (_, recorder) = bench.open(request)
        #expect(try await recorder.end().failure?.message.hasPrefix("localhost was silent") == true)
        server.stop()
    }

    @Test func `a socket takes a prewarmed connection`() async throws {
        let server = try await RawServer(tls: Certificates.shared.get().serverContext()) { connection in
            try await connection.accept()
            try await connection.over()
        }
        let bench = try Bench()
        let request = try Bench.request("wss://localhost:\(server.port)/")
        bench.client.prewarm(request)
        let (exchange, recorder) = bench.open(request)
        _ = try await recorder.opened()
        #expect(server.connections.value.count == 1)
        exchange.close(code: 0, reason: "")
        #expect(try await recorder.end().failure?.kind == .aborted)
        server.stop()
    }
}
