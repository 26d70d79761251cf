// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxNet
import Testing

/// Back-pressure both ways, and the end at any point.
@Suite(.timeLimit(.minutes(3))) struct FlowTests {
    @Test(arguments: [false, true])
    func `a server that floods is held up while nobody reads`(isSocket: Bool) async throws {
        let flood = 64 << 20
        let server = try await RawServer { connection in
            if isSocket {
                try await connection.accept()
            } else {
                _ = try await connection.head()
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(flood)\r\n\r\n")
            }
            let piece = [UInt8](repeating: 5, count: isSocket ? 65_526 : 65_536)
            for _ in 0..<(flood / 65_536) {
                try await connection.send(isSocket ? ServerConnection.frame(2, piece) : piece)
                connection.input.update { $0.total += 1 }
            }
        }
        let bench = try Bench()
        let recorder = Recorder()
        let request = try Bench.request("\(isSocket ? "ws" : "http")://localhost:\(server.port)/")
        let exchange =
            isSocket
            ? bench.client.open(request) { recorder.deliver($0) } : bench.client.start(request) { recorder.deliver($0) }
        if isSocket { _ = try await recorder.opened() } else { _ = try await recorder.status() }
        exchange.read(false)
        let before = recorder.log.value.body.count
        // The server gets no further: what it has sent stops growing, far from all of it.
        let connection = try #require(server.connections.value.first)
        var last = 0
        while let total = try? await connection.input.until(
            "progress", seconds: 1, { [last] in $0.total > last ? $0.total : nil })
        {
            last = total
        }
        #expect(last < flood / 65_536 / 2)
        let delivered = recorder.log.value.events.count
        #expect(recorder.log.value.body.count - before <= 2 * NetworkLimits.window)
        exchange.read(true)
        _ = try await recorder.log.until("more") { $0.events.count > delivered ? true : nil }
        exchange.abort()
        #expect(try await recorder.end().failure?.kind == .aborted)
        server.stop()
    }

    @Test func `what came before the connection closed is kept until somebody reads`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            try await connection.send([UInt8](repeating: 1, count: 100_000))
        }
        let bench = try Bench()
        let (exchange, held) = bench.start(try Bench.request("http://localhost:\(server.port)/"))
        exchange.read(false)
        _ = try await held.status()
        try await server.connections.value.first?.over()
        #expect(held.log.value.ends.isEmpty)
        exchange.read(true)
        #expect(try await held.end().failure == nil)
        #expect(held.log.value.body.count == 100_000 && held.log.value.longest <= NetworkLimits.piece)
        server.stop()
    }

    @Test(arguments: [false, true])
    func `a server that does not read makes send say no, and yes later`(isSocket: Bool) async throws {
        let server = try await RawServer { connection in
            if isSocket { try await connection.accept() } else { _ = try await connection.head() }
            try await connection.setReading(false)
            _ = try await connection.input.until("leave to read") { $0.total == -1 ? true : nil }
            try await connection.setReading(true)
            try await connection.over()
        }
        let bench = try Bench()
        var request = try Bench.request("\(isSocket ? "ws" : "http")://localhost:\(server.port)/")
        request.method = isSocket ? "GET" : "POST"
        request.streamsBody = !isSocket
        let (exchange, recorder) = isSocket ? bench.open(request) : bench.start(request)
        _ = try await server.connections.until("connection") { $0.isEmpty ? nil : true }
        let piece = [UInt8](repeating: 4, count: 16_384)
        var taken = 0
        // Before the send: what tells of room may come before the refusal is seen.
        var before = 0
        // The kernel's buffers are large, but not endless; then the window fills.
        while taken < 64 << 20 {
            before = recorder.log.value.writable
            let isTaken =
                isSocket
                ? exchange.send(piece, isText: false, isLast: true) : exchange.send(piece, isLast: false)
            if isTaken {
                taken += piece.count
                continue
            }
            do {
                _ = try await recorder.log.until("room", seconds: 1) { [before] in $0.writable > before ? true : nil }
            } catch { break }
        }
        #expect(taken < 64 << 20)
        let connection = try #require(server.connections.value.first)
        connection.input.update { $0.total = -1 }
        _ = try await recorder.log.until("room") { [before] in $0.writable > before ? true : nil }
        exchange.abort()
        #expect(try await recorder.end().failure?.kind == .aborted)
        server.stop()
    }

    @Test(arguments: 0..<6)
    func `an exchange can be aborted at any point, and ends once`(point: Int) async throws {
        let server = try await RawServer(tls: point == 1 ? nil : Certificates.shared.get().serverContext()) {
            connection in
            if point == 1 { return try await connection.over() }
            _ = try await connection.head()
            if point == 3 { try await connection.send("HTTP/1.1 200 OK\r\n") }
            if point == 4 { try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab") }
            if point == 5 { try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab") }
            try await connection.over()
        }
        let bench = try Bench()
        let (exchange, recorder) = bench.start(try Bench.request("https://localhost:\(server.port)/"))
        switch point {
        case 0: break
        case 1: _ = try await server.connections.until("connection") { $0.isEmpty ? nil : true }
        case 2, 3:
            let connection = try await server.connections.until("connection") { $0.first }
            _ = try await connection.input.until("request") { $0.total > 0 ? true : nil }
        case 4: _ = try await recorder.body(2)
        default: _ = try await recorder.end()
        }
        exchange.abort()
        exchange.abort()
        let end = try await recorder.end()
        #expect(end.failure?.kind == (point == 5 ? nil : .aborted))
        // Nothing comes behind it, whatever else is tried.
        exchange.read(false)
        exchange.read(true)
        exchange.close(code: 1000, reason: "")
        #expect(exchange.send([1], isLast: true))
        let (_, next) = bench.start(try Bench.request("http://localhost:1/"))
        _ = try await next.end()
        #expect(recorder.log.value.ends.count == 1 && recorder.log.value.afterEnd == 0)
        server.stop()
    }

    @Test func `a body that is not what its length says is not sent on`() async throws {
        let server = try await RawServer { connection in try await connection.over() }
        let bench = try Bench()
        for (bytes, isLast) in [(5, false), (2, true)] {
            var request = try Bench.request("http://localhost:\(server.port)/")
            request.method = "POST"
            request.streamsBody = true
            request.headers = [("Content-Length", "3")]
            let (exchange, recorder) = bench.start(request)
            _ = exchange.send([UInt8](repeating: 0, count: bytes), isLast: isLast)
            #expect(try await recorder.end().failure?.kind == .protocolBroken)
        }
        server.stop()
    }
}
