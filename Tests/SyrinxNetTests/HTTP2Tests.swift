// SPDX-License-Identifier: Apache-2.0

import Dispatch
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import SyrinxCore
import SyrinxNet
import Testing

@Suite(.timeLimit(.minutes(3))) struct HTTP2Tests {
    private func request(_ server: H2Server, streams: Bool = false) throws -> NetworkRequest {
        var request = try Bench.request("https://localhost:\(server.port)/model/x/invoke")
        request.requiresHTTP2 = true
        request.method = streams ? "POST" : "GET"
        request.streamsBody = streams
        return request
    }

    @Test func `both sides stream at the same time`() async throws {
        let server = try await H2Server { stream in
            let headers = try await stream.headers()
            #expect(headers.first(name: ":path") == "/model/x/invoke" && headers.first(name: ":method") == "POST")
            #expect(headers.first(name: ":authority")?.hasPrefix("localhost:") == true)
            #expect(headers.first(name: "x-amz-date") == "now" && headers.first(name: "transfer-encoding") == nil)
            try await stream.respond(200, [("Content-Type".lowercased(), "application/vnd.amazon.eventstream")])
            for _ in 0..<3 {
                #expect(try await stream.bytes(3) == Array("abc".utf8))
                try await stream.send(Array("xyz".utf8))
            }
            try await stream.complete()
            try await stream.send([], isLast: true)
        }
        let bench = try Bench()
        var request = try request(server, streams: true)
        request.headers = [("X-Amz-Date", "now")]
        let (exchange, recorder) = bench.start(request)
        #expect(try await recorder.status() == 200)
        for round in 1...3 {
            #expect(exchange.send(Array("abc".utf8), isLast: false))
            #expect(try await recorder.body(3 * round).count == 3 * round)
        }
        #expect(exchange.send([], isLast: true))
        #expect(try await recorder.end().failure == nil)
        #expect(recorder.log.value.head?.headers.first?.value == "application/vnd.amazon.eventstream")
        server.stop()
    }

    @Test func `requests share a connection up to its limit`() async throws {
        let go = Watched(false)
        let server = try await H2Server(maxStreams: 2) { stream in
            _ = try await go.until("leave to answer") { $0 ? true : nil }
            try await stream.respond(200, isLast: true)
        }
        let bench = try Bench()
        // The first tells the client the server's limit.
        go.update { $0 = true }
        #expect(try await bench.start(try request(server)).1.end().failure == nil)
        go.update { $0 = false }
        var running: [Recorder] = []
        for _ in 0..<3 { running.append(bench.start(try request(server)).1) }
        _ = try await server.streams.until("three more streams") { $0.count == 4 ? true : nil }
        #expect(server.connections.value.count == 2)
        go.update { $0 = true }
        for recorder in running { #expect(try await recorder.end().failure == nil) }
        server.stop()
    }

    @Test func `who makes a connection is served by it, however many wait for it`() async throws {
        let server = try await H2Server { stream in try await stream.respond(200, isLast: true) }
        let go = DispatchSemaphore(value: 0)
        let bench = try Bench { settings in
            settings.streamsPerConnection = 2
            settings.lookup = { _ in
                go.wait()
                go.signal()
                return [[127, 0, 0, 1]]
            }
        }
        let running = try (0..<6).map { _ in bench.start(try request(server)).1 }
        // All of them have asked for a connection.
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() { try await loop.submit {}.get() }
        go.signal()
        for recorder in running { #expect(try await recorder.end().failure == nil) }
        server.stop()
    }

    @Test func `a server without HTTP2 is refused when it is required, and used when not`() async throws {
        let server = try await RawServer(tls: Certificates.shared.get().serverContext(protocols: ["http/1.1"])) {
            connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            try await connection.over()
        }
        let bench = try Bench()
        var request = try Bench.request("https://localhost:\(server.port)/")
        #expect(try await bench.start(request).1.end().failure == nil)
        request.requiresHTTP2 = true
        let failure = try #require(try await bench.start(request).1.end().failure)
        #expect(failure.kind == .protocolBroken && failure.message.contains("HTTP"))
        var plain = try Bench.request("http://localhost:\(server.port)/")
        plain.requiresHTTP2 = true
        #expect(try await bench.start(plain).1.end().failure?.kind == .protocolBroken)
        server.stop()
    }

    @Test(arguments: [
        (HTTP2ErrorCode.internalError, NetworkFailure.Kind.connection),
        (.cancel, .connection), (.protocolError, .protocolBroken),
    ])
    func `a stream that is reset fails, and the connection lives on`(
        code: HTTP2ErrorCode, kind: NetworkFailure.Kind
    ) async throws {
        let server = try await H2Server { stream in
            if try await stream.headers().first(name: "x-reset") != nil {
                try await stream.respond(200)
                try await stream.send([1])
                try await stream.reset(code)
            } else {
                try await stream.respond(200, isLast: true)
            }
        }
        let bench = try Bench()
        var bad = try request(server)
        bad.headers = [("X-Reset", "1")]
        #expect(try await bench.start(bad).1.end().failure?.kind == kind)
        #expect(try await bench.start(try request(server)).1.end().failure == nil)
        #expect(server.connections.value.count == 1)
        server.stop()
    }

    @Test func `a request that the server left undone is made again elsewhere`() async throws {
        let count = Watched(0)
        let server = try await H2Server { stream in
            count.update { $0 += 1 }
            switch count.value {
            case 1: try await stream.respond(200, isLast: true)
            case 2: try await stream.reset(.refusedStream)
            default: try await stream.respond(202, isLast: true)
            }
        }
        let bench = try Bench()
        #expect(try await bench.start(try request(server)).1.end().failure == nil)
        var post = try request(server)
        post.method = "POST"
        post.body = [1, 2, 3]
        let (_, again) = bench.start(post)
        #expect(try await again.end().failure == nil)
        #expect(again.log.value.head?.status == 202)
        server.stop()
    }

    @Test func `after GOAWAY running requests end well and new ones go elsewhere`() async throws {
        let server = try await H2Server { stream in
            let headers = try await stream.headers()
            try await stream.respond(200)
            if headers.first(name: "x-first") != nil {
                try await stream.goAway(lastStream: 1)
                try await stream.send([6])
                try await stream.complete()
            }
            try await stream.send([7], isLast: true)
        }
        let bench = try Bench()
        var first = try request(server, streams: true)
        first.headers = [("X-First", "1")]
        let (exchange, recorder) = bench.start(first)
        #expect(try await recorder.status() == 200)
        // What comes behind it says that the client has seen it.
        _ = try await recorder.body(1)
        #expect(try await bench.start(try request(server)).1.end().failure == nil)
        #expect(server.connections.value.count == 2)
        #expect(exchange.send([], isLast: true))
        #expect(try await recorder.end().failure == nil)
        server.stop()
    }

    @Test func `a connection that dies takes its requests with it`() async throws {
        let server = try await H2Server { stream in
            try await stream.respond(200)
            try await stream.channel.parent?.close().get()
        }
        let (_, recorder) = try Bench().start(try request(server))
        #expect(try await recorder.end().failure?.kind == .connection)
        server.stop()
    }

    @Test func `a flood is held up by the window, and sending by the other side's`() async throws {
        let flood = 32 << 20
        let server = try await H2Server { stream in
            try await stream.respond(200)
            let piece = [UInt8](repeating: 1, count: 65_536)
            for _ in 0..<(flood / piece.count) { try await stream.send(piece) }
            try await stream.send([], isLast: true)
        }
        let bench = try Bench()
        let (exchange, recorder) = bench.start(try request(server))
        exchange.read(false)
        #expect(try await recorder.status() == 200)
        let before = recorder.log.value.body.count
        #expect(before <= NetworkLimits.window)
        await #expect(throws: TimedOut.self) {
            try await recorder.log.until("more than the window", seconds: 1) {
                $0.body.count > NetworkLimits.window ? true : nil
            }
        }
        exchange.read(true)
        _ = try await recorder.body(flood)
        #expect(try await recorder.end().failure == nil)
        server.stop()
    }

    @Test func `a server that does not read makes send say no, and yes later`() async throws {
        let isReading = Watched(false)
        let server = try await H2Server { stream in
            try await stream.channel.setOption(ChannelOptions.autoRead, value: false).get()
            try await stream.respond(200)
            _ = try await isReading.until("leave to read") { $0 ? true : nil }
            try await stream.channel.setOption(ChannelOptions.autoRead, value: true).get()
            stream.channel.read()
        }
        let bench = try Bench()
        let (exchange, recorder) = bench.start(try request(server, streams: true))
        #expect(try await recorder.status() == 200)
        let piece = [UInt8](repeating: 4, count: 16_384)
        var taken = 0
        while taken < 4 << 20, exchange.send(piece, isLast: false) { taken += piece.count }
        #expect(taken <= 2 * NetworkLimits.window)
        isReading.update { $0 = true }
        _ = try await recorder.log.until("room") { $0.writable > 0 ? true : nil }
        #expect(exchange.send(piece, isLast: true))
        exchange.abort()
        #expect(try await recorder.end().failure?.kind == .aborted)
        server.stop()
    }

    @Test func `headers without end are refused`() async throws {
        let server = try await RawServer(tls: Certificates.shared.get().serverContext(protocols: ["h2"])) {
            connection in
            // The preface, then SETTINGS, then one field of a hundred thousand bytes in HEADERS and CONTINUATION.
            _ = try await connection.bytes(24)
            try await connection.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
            _ = try await connection.input.until("request") { $0.total > 100 ? true : nil }
            for number in 0..<7 {
                let field = [UInt8](repeating: 0x61, count: 16_384)
                try await connection.send([0, 0x40, 0, number == 0 ? 1 : 9, 0, 0, 0, 0, 1] + field)
            }
            try await connection.over()
        }
        var request = try Bench.request("https://localhost:\(server.port)/")
        request.requiresHTTP2 = true
        let (_, recorder) = try Bench().start(request)
        #expect(try await recorder.end().failure?.kind == .protocolBroken)
        server.stop()
    }

    @Test func `what is no HTTP2 is a broken protocol`() async throws {
        let server = try await RawServer(tls: Certificates.shared.get().serverContext(protocols: ["h2"])) {
            connection in
            _ = try await connection.bytes(24)
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            try await connection.over()
        }
        let (_, recorder) = try Bench().start(try Bench.request("https://localhost:\(server.port)/"))
        #expect(try await recorder.end().failure?.kind == .protocolBroken)
        server.stop()
    }

    @Test func `an aborted request resets its stream only`() async throws {
        let server = try await H2Server { stream in
            try await stream.respond(200)
            _ = try await stream.input.until("end of the stream") { $0.isOver ? true : nil }
        }
        let bench = try Bench()
        var named = try request(server)
        named.headers = [("X-First", "1")]
        let (first, one) = bench.start(named)
        let (second, two) = bench.start(try request(server))
        _ = (try await one.status(), try await two.status())
        first.abort()
        #expect(try await one.end().failure?.kind == .aborted)
        let stream = try #require(server.streams.value.first { $0.input.value.headers?.first(name: "x-first") != nil })
        _ = try await stream.input.until("end of the stream") { $0.isOver ? true : nil }
        #expect(two.log.value.ends.isEmpty)
        second.abort()
        _ = try await two.end()
        server.stop()
    }
}
