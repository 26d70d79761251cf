// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxTelemetry
import Testing

@Suite(.tags(.unit), .timeLimit(.minutes(10))) struct WebhookQueueTests {
    private let virtual = VirtualClock()

    private func queue(_ poster: FakePoster, tries: Int = 3) throws -> WebhookQueue {
        let endpoint = try WebhookEndpoint(
            name: "crm", tenant: "acme", url: "https://crm.example/hook?k=1",
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        var options = WebhookSchedule.Options()
        options.backoff = Backoff(first: .seconds(4), longest: .seconds(60), tries: tries)
        return WebhookQueue(endpoint, options: options, poster: poster, clock: virtual.clock, seed: 1)
    }

    private func event(_ number: Int = 0) -> WebhookEvent {
        WebhookEvent(
            type: WebhookEvent.turnEnded, tenant: "acme", data: ["n": .int(Int64(number))], at: VirtualClock.start)
    }

    @Test func `the signature is that of Standard Webhooks`() {
        let key = WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = key?.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect("\(key as Any)".contains("[redacted]"))
    }

    @Test(arguments: ["", "whsec_", "whsec_%%%", "whsec_abc"]) func `a secret that is none is refused`(secret: String) {
        let error = #expect(throws: SyrinxError.self) {
            try WebhookEndpoint(name: "crm", tenant: "t", url: "https://h", secret: secret)
        }
        #expect(error?.code == "webhook.invalid_secret")
    }

    @Test(arguments: [
        "", "crm.example", "ftp://h/", "file:///etc/passwd", "gopher://h", "https://", "https:///x", "https://u:p@h/",
        "https://h/a b", "https://h\n/", "https://:80/", "https://hé/", "javascript:alert(1)", "https://h\\@x/",
        "https://h/" + String(repeating: "x", count: 2048),
    ])
    func `only http and https addresses are taken`(url: String) {
        let error = #expect(throws: SyrinxError.self) {
            try WebhookEndpoint(name: "crm", tenant: "t", url: url, secret: "s")
        }
        #expect(error?.code == "webhook.invalid_url")
    }

    @Test func `an endpoint hears of its tenant and of what it asked for`() throws {
        let all = try WebhookEndpoint(name: "a", tenant: "acme", url: "HTTP://[::1]:80/x", secret: "s")
        let some = try WebhookEndpoint(
            name: "b", tenant: "acme", url: "http://h", secret: "s", events: [WebhookEvent.sessionStarted])
        let foreign = try WebhookEndpoint(name: "c", tenant: "globex", url: "http://h", secret: "s")
        #expect([all, some, foreign].map { $0.wants("turn.ended", of: "acme") } == [true, false, false])
    }

    @Test func `an event is sent with its headers, and again with the same id and bytes`() async throws {
        let poster = FakePoster([.status(500), .nothing])
        let queue = try queue(poster)
        let event = event(7)
        queue.add(event)
        #expect(await queue.flush(within: .seconds(60)) == 0)
        #expect(poster.sent.count == 3)
        var stamps: Set<String> = []
        for sent in poster.sent {
            #expect(sent.url == "https://crm.example/hook?k=1")
            #expect(sent.headers["webhook-id"] == event.id && sent.body == event.body)
            let stamp = try #require(sent.headers["webhook-timestamp"].flatMap { Int64($0) })
            stamps.insert(String(stamp))
            let key = WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            #expect(
                sent.headers["webhook-signature"]
                    == key?.signature(id: event.id, timestamp: stamp, body: sent.body))
        }
        #expect(stamps.count == 3)
        let body = try JSONValue(parsing: event.body)
        #expect(body["id"]?.string == event.id && event.id.hasPrefix("evt_") && event.id.utf8.count == 36)
        #expect(body["type"] == "turn.ended" && body["tenant"] == "acme" && body["data"] == ["n": 7])
        #expect(body["time"] == "2026-01-01T00:00:00.000Z")
    }

    @Test func `a running queue sends what is added, and tries again in its time`() async throws {
        let poster = FakePoster([.status(500), .status(503)])
        let queue = try queue(poster, tries: 9)
        let run = Task { await queue.run() }
        for number in 0..<50 { queue.add(event(number)) }
        while queue.counts.delivered < 50 { await Task.yield() }
        #expect(queue.pending == 0)
        #expect(queue.counts == WebhookCounts(delivered: 50, failedTries: 2))
        run.cancel()
        await run.value
    }

    @Test func `what is under way when a queue stops is pending again`() async throws {
        let poster = HangingPoster()
        let endpoint = try WebhookEndpoint(name: "crm", tenant: "acme", url: "https://h", secret: "s")
        let queue = WebhookQueue(endpoint, poster: poster, clock: virtual.clock, seed: 1)
        let run = Task { await queue.run() }
        queue.add(event())
        while poster.count == 0 { await Task.yield() }
        run.cancel()
        await run.value
        #expect(queue.pending == 1)
        #expect(queue.counts == WebhookCounts())
    }

    @Test func `a flush ends at its deadline and tells what is lost`() async throws {
        let poster = FakePoster([], otherwise: .status(500))
        let queue = try queue(poster, tries: 1000)
        for number in 0..<5 { queue.add(event(number)) }
        #expect(await queue.flush(within: .seconds(30)) == 5)
        #expect(virtual.time <= .seconds(30))
        #expect(poster.sent.allSatisfy { $0.timeout <= .seconds(15) })
    }

    @Test func `the admin's view has no secret, no query and no content`() async throws {
        let queue = try queue(FakePoster([.status(404)]))
        queue.add(event(424_242))
        _ = await queue.flush(within: .seconds(1))
        let text = queue.json.text
        #expect(text.contains(#""url":"https://crm.example/hook""#))
        #expect(text.contains(#""reason":"refused""#) && text.contains(#""dead":1"#))
        #expect(!text.contains("MfKQ9r8") && !text.contains("424242"))
    }
}
