// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxNet
import Testing

/// What a server does wrong, and what whoever asked is told.
struct BadAnswer: Sendable, CustomTestStringConvertible {
    enum Then: Sendable { case close, reset, stay }

    let name: String
    let bytes: String
    let then: Then
    /// Nil = nothing is wrong.
    let kind: NetworkFailure.Kind?

    init(_ name: String, _ bytes: String, _ then: Then, _ kind: NetworkFailure.Kind?) {
        self.name = name
        self.bytes = bytes
        self.then = then
        self.kind = kind
    }

    var testDescription: String { name }

    static let all: [BadAnswer] = [
        BadAnswer("closes without an answer", "", .close, .connection),
        BadAnswer("resets without an answer", "", .reset, .connection),
        BadAnswer("half a head", "HTTP/1.1 200 OK\r\nContent-Le", .close, .connection),
        BadAnswer("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"half\": ", .close, .connection),
        BadAnswer("half a body, then reset", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", .reset, .connection),
        BadAnswer("half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .close, .connection),
        BadAnswer(
            "no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", .close, .connection),
        BadAnswer("no length, and the end of the connection", "HTTP/1.1 200 OK\r\n\r\nall", .close, nil),
        BadAnswer("no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", .stay, .protocolBroken),
        BadAnswer("an old version", "HTTP/3.7 200 OK\r\n\r\n", .stay, .protocolBroken),
        BadAnswer("a status that is none", "HTTP/1.1 abc OK\r\n\r\n", .stay, .protocolBroken),
        BadAnswer(
            "a chunk size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .stay,
            .protocolBroken),
        BadAnswer(
            "a huge chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", .stay,
            .protocolBroken),
        BadAnswer("a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .stay, .protocolBroken),
        BadAnswer(
            "two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", .stay, .protocolBroken
        ),
        BadAnswer(
            "one long header", "HTTP/1.1 200 OK\r\nX: \(String(repeating: "a", count: 70_000))", .stay, .protocolBroken),
        BadAnswer(
            "too many headers",
            "HTTP/1.1 200 OK\r\n" + String(repeating: "X: \(String(repeating: "b", count: 600))\r\n", count: 120),
            .stay,
            .protocolBroken),
        BadAnswer(
            "interim responses without end", String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 50), .stay,
            .protocolBroken),
        BadAnswer(
            "another protocol that nobody asked for",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", .stay, .protocolBroken),
        BadAnswer("nothing at all", "", .stay, .timeout),
        BadAnswer("half a head, then silence", "HTTP/1.1 200 OK\r\n", .stay, .timeout),
        BadAnswer("half a body, then silence", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na", .stay, .timeout),
    ]
}

@Suite(.timeLimit(.minutes(3))) struct BadServerTests {
    @Test(arguments: BadAnswer.all)
    func `what a server does wrong is told by class`(answer: BadAnswer) async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            try await connection.send(answer.bytes)
            switch answer.then {
            case .close: break
            case .reset: try await connection.reset()
            case .stay: try await connection.over()
            }
        }
        let bench = try Bench()
        var request = try Bench.request("http://localhost:\(server.port)/")
        request.silenceTimeout = .milliseconds(answer.kind == .timeout ? 200 : 10_000)
        let (_, recorder) = bench.start(request)
        let end = try await recorder.end()
        #expect(end.failure?.kind == answer.kind)
        if let message = end.failure?.message { #expect(message.contains("localhost")) }
        #expect(recorder.log.value.ends.count == 1 && recorder.log.value.afterEnd == 0)
        server.stop()
    }

    @Test func `a response that comes one byte at a time is the same`() async throws {
        let server = try await RawServer { connection in
            _ = try await connection.head()
            for byte in "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".utf8 { try await connection.send([byte]) }
            try await connection.over()
        }
        let bench = try Bench()
        let (_, recorder) = bench.start(try Bench.request("http://localhost:\(server.port)/"))
        #expect(try await recorder.end().failure == nil)
        #expect(recorder.text == "hello")
        server.stop()
    }

    @Test func `a port where nobody listens refuses`() async throws {
        let server = try await RawServer { _ in }
        let port = server.port
        server.stop()
        try await server.closed()
        let (_, recorder) = try Bench().start(try Bench.request("http://127.0.0.1:\(port)/"))
        let failure = try #require(try await recorder.end().failure)
        #expect(failure.kind == .connection && failure.message == "127.0.0.1 refused the connection")
    }

    @Test(arguments: [Certificates.Kind.expired, .foreign, .otherName])
    func `a certificate that does not hold is refused`(kind: Certificates.Kind) async throws {
        let server = try await RawServer(tls: Certificates.shared.get().serverContext(kind)) { connection in
            _ = try await connection.head()
        }
        let bench = try Bench()
        for host in ["localhost", "127.0.0.1"] {
            let (_, recorder) = bench.start(try Bench.request("https://\(host):\(server.port)/"))
            let failure = try #require(try await recorder.end().failure)
            #expect(failure.kind == .tls)
            #expect(failure.message.hasPrefix("the certificate of \(host) was refused"))
        }
        server.stop()
    }

    @Test func `a server that speaks no TLS, or hangs up on it, is told from others`() async throws {
        let plain = try await RawServer { connection in
            _ = try await connection.bytes(1)
            try await connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            try await connection.over()
        }
        let (_, first) = try Bench().start(try Bench.request("https://localhost:\(plain.port)/"))
        #expect(try await first.end().failure?.kind == .tls)
        plain.stop()
        let shy = try await RawServer { connection in _ = try await connection.bytes(1) }
        let (_, second) = try Bench().start(try Bench.request("https://localhost:\(shy.port)/"))
        #expect(try await second.end().failure?.kind == .connection)
        shy.stop()
    }

    @Test func `a TLS connection that is cut is no end of a response`() async throws {
        let server = try await RawServer(tls: Certificates.shared.get().serverContext()) { connection in
            _ = try await connection.head()
            try await connection.send("HTTP/1.1 200 OK\r\n\r\nhalf of it")
            try await connection.reset()
        }
        let (_, recorder) = try Bench().start(try Bench.request("https://localhost:\(server.port)/"))
        #expect(try await recorder.end().failure?.kind == .connection)
        server.stop()
    }

    @Test func `a handshake that never ends is cut off in time`() async throws {
        let server = try await RawServer { connection in try await connection.over() }
        var request = try Bench.request("https://localhost:\(server.port)/")
        request.connectTimeout = .milliseconds(200)
        let (_, recorder) = try Bench().start(request)
        #expect(try await recorder.end().failure?.kind == .timeout)
        server.stop()
    }
}
