// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxRuntime
import Testing

@Suite("Handshakes and HTTP", .tags(.integration), .server)
struct HandshakeTests {
    private func answer(_ bytes: [UInt8]) async throws -> HTTPReply {
        let server = try server()
        return try await Neighbour.watch(server) { try await server.http.replies(1, to: bytes)[0] }
    }

    @Test(arguments: [
        ("profile=nix", 404, "profile.not_found"),
        ("profile=", 404, "profile.not_found"),
        ("rate=7", 400, "session.rate_unsupported"),
        ("rate=16001", 400, "session.rate_unsupported"),
        ("rate=-8000", 400, "session.rate_unsupported"),
        ("rate=999999999999999999999", 400, "request.query_invalid"),
        ("rate=fast", 400, "request.query_invalid"),
        ("rate=16000&rate=8000", 400, "request.query_invalid"),
        ("user=%zz", 400, "request.query_invalid"),
        ("user=%C3%28", 400, "request.query_invalid"),
        ("profile=mock&reply_ms=-1", 400, "plugin.config_invalid"),
        ("profile=mock&reply_ms=600001", 400, "plugin.config_invalid"),
        ("profile=mock&reply_ms=soon", 400, "plugin.config_invalid"),
        ("profile=mock&voice=slt", 400, "session.option_refused"),
        ("profile=echo&reply_ms=100", 400, "session.option_refused"),
        ("profile=mock&vad=../../etc", 400, "config.provider_reference"),
        ("profile=mock&vad=nix", 503, "plugin.not_found"),
    ])
    func `a request that cannot be served is refused with a problem`(
        query: String, status: Int, code: String
    ) async throws {
        let server = try server()
        let refusal = await #expect(throws: HTTPReply.self) { _ = try await server.call(query) }
        #expect(refusal?.status == status)
        #expect(refusal?.problem == code)
        #expect(refusal?.json["fix"]?.string?.isEmpty == false || refusal?.json["place"]?.string != nil)
        try await server.settle(profile: "mock")
    }

    @Test func `a refused option names its place`() async throws {
        let server = try server()
        let refusal = await #expect(throws: HTTPReply.self) { _ = try await server.call("profile=mock&reply_ms=-1") }
        #expect(refusal?.json["place"]?.string?.contains("reply_ms") == true)
    }

    @Test func `33 parameters are too many`() async throws {
        let server = try server()
        let query = (0..<33).map { "p\($0)=1" }.joined(separator: "&")
        let refusal = await #expect(throws: HTTPReply.self) { _ = try await server.call(query) }
        #expect(refusal?.problem == "request.query_invalid")
    }

    @Test(
        arguments: [
            ("Sec-WebSocket-Version", "12"), ("Sec-WebSocket-Version", nil), ("Sec-WebSocket-Key", nil),
        ] as [(String, String?)])
    func `a handshake that is not valid is refused`(field: String, value: String?) async throws {
        let reply = try await answer(Handshake(target: "/v1/talk?profile=echo").with(field, value).bytes)
        #expect(reply.status == 400)
        #expect(reply.problem == "request.handshake_invalid")
    }

    @Test func `a plain GET is told to upgrade`() async throws {
        let reply = try await server().http.get("/v1/talk?profile=echo")
        #expect(reply.status == 426)
        #expect(reply.problem == "request.upgrade_required")
    }

    @Test func `a request for another protocol is answered as plain HTTP`() async throws {
        let fields = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]
        let head = ["GET /livez HTTP/1.1", "Host: x"] + fields + ["", ""]
        let reply = try await answer(Array(head.joined(separator: "\r\n").utf8))
        #expect(reply.status == 200)
        #expect(reply.json["status"] == "alive")
    }

    @Test func `a WebSocket elsewhere is nothing`() async throws {
        let reply = try await answer(Handshake(target: "/v1/nothing").bytes)
        #expect(reply.status == 404)
        #expect(reply.problem == "request.not_found")
    }

    @Test(arguments: [
        "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0",
        "GET /livez HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "POST /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        "GET /livez HTTP/1.1\r\n" + String(repeating: "a", count: 200_000),
    ])
    func `what is not HTTP ends its own connection only`(garbage: String) async throws {
        let server = try server()
        try await Neighbour.watch(server) {
            let connection = try await Connection.open(port: server.port)
            await connection.send(Array(garbage.utf8))
            await connection.send(Array("\r\n\r\n".utf8))
            while try await !connection.read(within: .seconds(20)).isEmpty {}
        }
    }

    @Test func `what is not HTTP is told so`() async throws {
        let reply = try await answer(Array("GARBAGE\r\n\r\n".utf8))
        #expect(reply.status == 400)
        #expect(reply.problem == "request.invalid")
    }

    @Test func `a half handshake holds nothing but its connection`() async throws {
        let server = try server()
        let half = try await Connection.open(port: server.port)
        try await Neighbour.watch(server) {
            await half.send(Array(Handshake(target: "/v1/talk?profile=mock").bytes.dropLast(2)))
        }
        #expect(!server.manager.sessions.contains { $0.profile == "mock" })
        await half.close()
    }

    @Test func `requests in a pipeline are answered in order`() async throws {
        let server = try server()
        let paths = ["/livez", "/readyz", "/v1/sessions", "/nothing", "/livez"]
        let requests = paths.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined()
        let replies = try await server.http.replies(paths.count, to: Array(requests.utf8))
        #expect(replies.map(\.status) == [200, 200, 200, 404, 200])
        #expect(replies[0].json["status"] == "alive")
        #expect(replies[1].json["status"] == "ready")
        #expect(replies[2].json["sessions"]?.array != nil)
    }

    @Test func `a handshake in lower case and with more words than needed is one`() async throws {
        let reply = try await answer(
            Handshake(target: "/v1/talk?profile=echo").with("Connection", "keep-alive, upgrade").with(
                "Upgrade", "WebSocket"
            ).bytes)
        #expect(reply.status == 101)
        #expect(reply["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "RFC 6455 1.3")
    }
}
