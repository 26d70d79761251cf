// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import VoiceBackend

@Suite(.tags(.fuzz)) struct ConnectionURLTests {
    @Test(
        arguments: [
            ("wss://your-app.example.com/voice", "your-app.example.com", nil),
            ("ws://127.0.0.1:8080", "127.0.0.1", 8080), ("WS://[::1]:9/x?y#z", "::1", 9),
            ("sip:anna@example.com:5060;transport=tcp", "example.com", 5060),
        ] as [(String, String, Int?)])
    func `B12: connection URLs are read`(_ text: String, _ host: String, _ port: Int?) throws {
        let url = try ConnectionURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.description == text)
    }

    @Test func `B12: every beginning of a URL gives a URL or an error, never a trap`() {
        let text = "wss://user:word@[2001:db8::1]:65535/voice?a=b#c"
        for length in 0...text.count { _ = try? ConnectionURL(String(text.prefix(length))) }
        for bad in [
            "", "w", "ws:", "ws:/", "ws://", "ws://:80", "ws://h:", "ws://h:0", "ws://h:65536", "ws://h:+1",
            "ws://[::1", "ftp://h", "://", "ws://a b", "ws://ü", "[", "@", "ws://@",
        ] {
            #expect(throws: VoiceBackendError("", .invalidFormat, "")) { try ConnectionURL(bad) }
        }
    }

    @Test func `B12: random texts give a URL or an error`() {
        var random = SystemRandomNumberGenerator()
        let letters = Array("ws:/@[]?#.%0127 hé\u{0}")
        for _ in 0..<5000 {
            let length = Int.random(in: 0...20, using: &random)
            let text = String((0..<length).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
            _ = try? ConnectionURL(text)
        }
    }
}

@Suite(.tags(.integration), .timeLimit(.minutes(10))) struct HealthTests {
    @Test func `B12: health without a limit divides by nothing`() async throws {
        var config = Quick.config()
        config.maxConcurrentSessions = 0
        try await Quick.run(config) { backend in
            _ = try await backend.createSession(Quick.session())
            let health = await backend.healthCheck()
            #expect(health.status == .healthy)
            #expect(health.details["max_sessions"] == "unlimited")
            #expect(health.details["utilization"] == nil)
        }
    }

    @Test func `B12: a health report is a snapshot, and no old reason stays`() async throws {
        var config = Quick.config()
        config.maxConcurrentSessions = 1
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(Quick.session())
            let full = await backend.healthCheck()
            #expect(full.status == .degraded && full.isHealthy)
            await session.stop()
            let empty = await backend.healthCheck()
            #expect(empty.status == .healthy)
            #expect(empty.details["reason"] == nil)
            #expect(full.details["reason"] != nil)
            #expect(full.details["active_sessions"] == "1")
        }
    }

    @Test func `B12: a connection URL that is wrong refuses the session`() async throws {
        try await Quick.run { backend in
            for url in [nil, "", "w", "wss:/"] {
                var wanted = Quick.session()
                wanted.transport = .websocket
                wanted.connectionURL = url
                let error = await failure { () async throws(VoiceBackendError) in
                    try await backend.createSession(wanted)
                }
                #expect(error?.details.keys.contains("connection_url") == true)
            }
        }
    }
}
