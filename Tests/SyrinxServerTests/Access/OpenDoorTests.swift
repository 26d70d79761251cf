// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@Suite("A server without keys", .tags(.integration), .server)
struct OpenDoorTests {
    @Test(arguments: [
        "Origin: https://evil.example", "Origin: null", "Origin: http://127.0.0.1.evil.example",
        "Origin: http://localhost.evil.example:8080",
    ])
    func `answers no page of another site`(field: String) async throws {
        let refusal = await #expect(throws: HTTPReply.self) {
            _ = try await Caller(port: server().port, fields: [field])
        }
        #expect(refusal?.status == 403 && refusal?.problem == "auth.origin")
        #expect(try await server().http.send("GET", "/v1/sessions", fields: [field]).problem == "auth.origin")
    }

    @Test(arguments: ["Origin: http://localhost:3000", "Origin: http://127.0.0.1:8080", "Origin: http://[::1]:1"])
    func `answers pages of this machine`(field: String) async throws {
        try await Caller(port: server().port, fields: [field]).hangUp()
    }

    @Test func `is called by this machine's own names`() async throws {
        let bytes = Array("GET /v1/sessions HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".utf8)
        #expect(try await server().http.replies(1, to: bytes)[0].problem == "auth.origin")
    }
}
