// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxNet
import Testing

@Suite(.timeLimit(.minutes(3))) struct HTTPTests {
    @Test(arguments: [false, true])
    func `a request goes out whole and its response comes back`(secure: Bool) async throws {
        let server = try await RawServer(tls: secure ? Certificates.shared.get().serverContext() : nil) { connection in
            let head = try await connection.head()
            let body = try await connection.bytes(5)
            #expect(head.hasPrefix("POST /v1/x?y=1 HTTP/1.1\r\n"))
            #expect(head.contains("\r\nX-Key: abc\r\n") && head.contains("\r\nContent-Length: 5\r\n"))
            #expect(head.contains("User-Agent: syrinx/") && !head.lowercased().contains("expect"))
            #expect(body == Array("hello".utf8))
            try await connection.send(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\nyes")
            try await connection.over()
        }
        let bench = try Bench()
        var request = try Bench.request("\(secure ? "https" : "http")://localhost:\(server.port)/v1/x?y=1")
        request.method = "POST"
        request.body = Array("hello".utf8)
        request.headers = [("X-Key", "abc"), ("Expect", "100-continue"), ("Host", "evil.example")]
        let (_, recorder) = bench.start(request)
        #expect(try await recorder.end().failure == nil)
        let log = recorder.log.value
        #expect(log.head?.status == 201 && recorder.text == "yes")
        #expect(log.head?.headers.filter { $0.name == "x-a" }.map(\.value) == ["1", "2"])
        server.stop()
    }

    @Test func `a connection is used again when both sides are done with it`() async throws {
        let server = try await RawServer { connection in
            for number in 0..<3 {
                _ = try await connection.head()
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
            }
            try await connection.over()
        }
        let bench = try Bench()
        for number in 0..<3 {
            let (_, recorder) = bench.start(try Bench.request("http://localhost:\(server.port)/"))
            #expect(try await recorder.end().failure == nil)
            #expect(recorder.text == "\(number)")
        }
        #expect(server.connections.value.count == 1)
        // Other rules, another connection: what was allowed for one plugin says nothing of the next.
        var strict = try Bench.request("http://localhost:\(server.port)/", allow: ["127.0.0.1", "::1"])
        strict.method = "GET"
        _ = bench.start(strict)
        _ = try await server.connections.until("second connection") { $0.count == 2 ? true : nil }
        server.stop()
    }

    @Test func `a connection that the server closed while idle is replaced without a word`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(connection.index)")
            // The second request finds the door shut.
            if connection.index == 0 { _ = try await connection.head() } else { try await connection.over() }
        }
        let bench = try Bench()
        for expected in ["0", "1"] {
            let (_, recorder) = bench.start(try Bench.request("http://localhost:\(server.port)/"))
            #expect(try await recorder.end().failure == nil)
            #expect(recorder.text == expected)
        }
        server.stop()
    }

    @Test func `a request that may not happen twice is not repeated`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            _ = try await connection.head()
        }
        let bench = try Bench()
        var request = try Bench.request("http://localhost:\(server.port)/")
        request.method = "POST"
        let (_, first) = bench.start(request)
        #expect(try await first.end().failure == nil)
        let (_, second) = bench.start(request)
        #expect(try await second.end().failure?.kind == .connection)
        #expect(server.connections.value.count == 1)
        server.stop()
    }

    @Test func `a body is streamed while the response arrives`() async throws {
        let server = try await RawServer { connection in
            let head = try await connection.head()
            #expect(head.contains("Transfer-Encoding: chunked"))
            try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<3 {
                let chunk = try await connection.bytes(8)
                #expect(chunk == Array("3\r\nabc\r\n".utf8))
                try await connection.send("3\r\nxyz\r\n")
            }
            #expect(try await connection.bytes(5) == Array("0\r\n\r\n".utf8))
            try await connection.send("0\r\n\r\n")
            try await connection.over()
        }
        let bench = try Bench()
        var request = try Bench.request("http://localhost:\(server.port)/")
        request.method = "POST"
        request.streamsBody = true
        let (exchange, recorder) = bench.start(request)
        #expect(try await recorder.status() == 200)
        for round in 1...3 {
            #expect(exchange.send(Array("abc".utf8), isLast: false))
            #expect(try await recorder.body(3 * round).count == 3 * round)
        }
        #expect(exchange.send([], isLast: true))
        #expect(try await recorder.end().failure == nil)
        server.stop()
    }

    @Test func `an early response ends the request, and its connection`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            try await connection.over()
        }
        let bench = try Bench()
        var request = try Bench.request("http://localhost:\(server.port)/")
        request.method = "POST"
        request.streamsBody = true
        let (exchange, recorder) = bench.start(request)
        #expect(try await recorder.end().failure == nil)
        #expect(recorder.log.value.head?.status == 413)
        #expect(exchange.send([1], isLast: true))
        let (_, next) = bench.start(try Bench.request("http://localhost:\(server.port)/"))
        #expect(try await next.end().failure == nil)
        #expect(server.connections.value.count == 2)
        server.stop()
    }

    @Test func `no redirect is followed`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
            try await connection.over()
        }
        let bench = try Bench()
        let (_, recorder) = bench.start(try Bench.request("http://localhost:\(server.port)/"))
        #expect(try await recorder.end().failure == nil)
        #expect(recorder.log.value.head?.status == 302)
        #expect(server.connections.value.count == 1)
        server.stop()
    }

    @Test func `a prewarmed connection is used by the next request`() async throws {
        let server = try await RawServer(tls: Certificates.shared.get().serverContext()) { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            try await connection.over()
        }
        let bench = try Bench()
        let request = try Bench.request("https://localhost:\(server.port)/")
        bench.client.prewarm(request)
        bench.client.prewarm(request)
        _ = try await server.connections.until("connection") { $0.count == 1 ? true : nil }
        let (_, recorder) = bench.start(request)
        #expect(try await recorder.end().failure == nil)
        #expect(server.connections.value.count == 1)
        server.stop()
    }

    @Test func `a request tells whether it had to wait for its connection`() async throws {
        let server = try await RawServer { connection in
            for _ in 1...2 {
                _ = try await connection.head()
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
            try await connection.over()
        }
        let bench = try Bench()
        let told = Watched<[Bool]>([])
        for _ in 1...2 {
            var request = try Bench.request("http://localhost:\(server.port)/")
            request.onConnection = { wait, isKept in
                if wait >= .zero { told.update { $0.append(isKept) } }
            }
            let (_, recorder) = bench.start(request)
            #expect(try await recorder.end().failure == nil)
        }
        #expect(told.value == [false, true])
        server.stop()
    }

    @Test(arguments: ["HEAD", "GET"])
    func `a response without a body ends at its head`(method: String) async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            let status = method == "HEAD" ? "200 OK\r\nContent-Length: 10" : "204 No Content"
            try await connection.send("HTTP/1.1 \(status)\r\n\r\n")
            try await connection.over()
        }
        let bench = try Bench()
        var request = try Bench.request("http://localhost:\(server.port)/")
        request.method = method
        let (_, recorder) = bench.start(request)
        #expect(try await recorder.end().failure == nil)
        server.stop()
    }
}
