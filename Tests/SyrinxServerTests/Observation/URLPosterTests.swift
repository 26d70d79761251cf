// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Testing

@testable import SyrinxServer

/// Whatever an endpoint does, a request ends in its time, and nothing of it stays.
@Suite("Posting to webhooks and collectors", .tags(.integration), .timeLimit(.minutes(1)))
struct URLPosterTests {
    private func post(
        _ poster: URLPoster, to endpoint: RawEndpoint, timeout: Duration = .seconds(50)
    ) async throws -> (status: Int, retryAfter: Duration?) {
        try await poster.post(
            endpoint.url, headers: [("content-type", "application/json")], body: RawEndpoint.body, timeout: timeout)
    }

    /// Answers 200, and goes on with the same piece until its connection is closed.
    private func endless(_ head: String, _ piece: String, each pause: Duration) async throws -> RawEndpoint {
        try await RawEndpoint { send in
            try await send("HTTP/1.1 200 OK\r\n\(head)")
            while true {
                try await send(piece)
                try await Task.sleep(for: pause)
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200),
        ("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 202),
        ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204),
        ("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 5\r\n\r\nhello", 302),
        ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", 302),
        ("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n", 401),
    ])
    func `an ordinary answer gives its status, also the next time`(answer: String, status: Int) async throws {
        let endpoint = try await RawEndpoint { send in try await send(answer) }
        defer { endpoint.stop() }
        let poster = URLPoster()
        for _ in 1...2 { #expect(try await post(poster, to: endpoint).status == status) }
    }

    @Test func `an answer may say when to come again`() async throws {
        let endpoint = try await RawEndpoint { send in
            try await send("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno")
        }
        defer { endpoint.stop() }
        let answer = try await post(URLPoster(), to: endpoint)
        #expect(answer.status == 503 && answer.retryAfter == .seconds(7))
    }

    @Test(arguments: ["Transfer-Encoding: chunked", "Content-Length: 1000000000000"])
    func `of an answer without end only the head is taken`(framing: String) async throws {
        let piece = "1000\r\n\(String(repeating: "x", count: 0x1000))\r\n"
        let endpoint = try await endless("\(framing)\r\n\r\n", piece, each: .milliseconds(1))
        defer { endpoint.stop() }
        let poster = URLPoster()
        #expect(try await post(poster, to: endpoint).status == 200)
        await endpoint.happened(.closed)
        withExtendedLifetime(poster) {}
    }

    @Test func `a body that drips has no more time than its request`() async throws {
        let endpoint = try await endless("Content-Length: 60000\r\n\r\n", "x", each: .milliseconds(100))
        defer { endpoint.stop() }
        let poster = URLPoster()
        // Long enough for the head to come in time on a busy machine.
        #expect(try await post(poster, to: endpoint, timeout: .seconds(5)).status == 200)
        await endpoint.happened(.closed)
        withExtendedLifetime(poster) {}
    }

    @Test func `a head that drips has no more time than its request`() async throws {
        let endpoint = try await endless("", "X: y\r\n", each: .milliseconds(100))
        defer { endpoint.stop() }
        let poster = URLPoster()
        let error = await #expect(throws: URLError.self) {
            _ = try await post(poster, to: endpoint, timeout: .seconds(1))
        }
        #expect(error?.code == .timedOut)
        await endpoint.happened(.closed)
        withExtendedLifetime(poster) {}
    }

    @Test func `whoever is cancelled waits no longer, and the request ends`() async throws {
        let endpoint = try await RawEndpoint { _ in }
        defer { endpoint.stop() }
        let poster = URLPoster()
        let waiting = Task { try await post(poster, to: endpoint) }
        await endpoint.happened(.asked)
        waiting.cancel()
        await #expect(throws: URLError.self) { _ = try await waiting.value }
        await endpoint.happened(.closed)

        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await post(poster, to: endpoint)
        }
        await #expect(throws: URLError.self) { _ = try await late.value }
    }
}
