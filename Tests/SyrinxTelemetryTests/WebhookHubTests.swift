// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SyrinxCore
import SyrinxTelemetry
import Testing

@Suite(.tags(.unit), .timeLimit(.minutes(10))) struct WebhookHubTests {
    private let virtual = VirtualClock()

    private func endpoint(
        _ name: String, _ tenant: String, url: String = "https://h/", events: [String] = []
    ) throws -> WebhookEndpoint {
        try WebhookEndpoint(name: name, tenant: tenant, url: url + name, secret: "s", events: events)
    }

    private func send(_ hub: WebhookHub, _ type: String, _ tenant: String) {
        hub.send(type, tenant: tenant, at: VirtualClock.start) { [:] }
    }

    @Test func `an event reaches the endpoints of its tenant that want it, with one id`() async throws {
        let poster = FakePoster([])
        let hub = WebhookHub(poster: poster, clock: virtual.clock)
        hub.apply([
            try endpoint("a", "acme"), try endpoint("b", "acme"), try endpoint("c", "globex"),
            try endpoint("d", "acme", events: [WebhookEvent.sessionStarted]),
        ])
        send(hub, WebhookEvent.turnEnded, "acme")
        #expect(await hub.stop(within: .seconds(9)) == 0)
        #expect(Set(poster.sent.map(\.url)) == ["https://h/a", "https://h/b"])
        #expect(poster.sent.count == 2 && Set(poster.sent.compactMap { $0.headers["webhook-id"] }).count == 1)
    }

    @Test func `what nobody wants is not even written`() throws {
        let hub = WebhookHub(poster: FakePoster([]), clock: virtual.clock)
        hub.apply([try endpoint("a", "acme")])
        hub.send(WebhookEvent.turnEnded, tenant: "globex", at: 0) {
            Issue.record("asked for")
            return nil
        }
    }

    @Test func `an endpoint that moves takes along what it has pending`() async throws {
        let poster = MovingPoster()
        let hub = WebhookHub(poster: poster, clock: virtual.clock)
        hub.apply([try endpoint("a", "acme", url: "https://old/"), try endpoint("b", "acme", url: "https://old/")])
        send(hub, WebhookEvent.turnEnded, "acme")
        while poster.tries < 2 { await Task.yield() }
        let before = hub.queues.map { ObjectIdentifier($0.queue) }
        hub.apply([try endpoint("a", "acme", url: "https://new/")])
        #expect(hub.queues.map(\.key) == ["acme/a"])
        #expect(hub.queues.map { ObjectIdentifier($0.queue) } == Array(before.prefix(1)))
        #expect(await hub.stop(within: .seconds(60)) == 0)
        #expect(poster.taken == ["https://new/a"])
        send(hub, WebhookEvent.turnEnded, "acme")
        hub.apply([try endpoint("z", "acme")])
        #expect(hub.queues.isEmpty)
    }

    @Test func `metrics tell what became of events and spans`() async throws {
        let metrics = VoiceMetrics()
        let hub = WebhookHub(poster: FakePoster([.status(404)]), clock: virtual.clock)
        let buffer = SpanBuffer(capacity: 1)
        metrics.observe(hub)
        metrics.observe(buffer)
        hub.apply([try endpoint("a", "acme")])
        send(hub, WebhookEvent.turnEnded, "acme")
        while hub.queues.first?.queue.counts.dead != 1 { await Task.yield() }
        let tracer = Tracer(buffer: buffer)
        for _ in 0..<3 { tracer.end(tracer.beginRoot("x", at: 0), at: 1) }
        let text = metrics.text()
        #expect(text.contains("syrinx_webhook_deliveries_total{endpoint=\"acme/a\",result=\"dead\"} 1\n"))
        #expect(text.contains("syrinx_webhook_queue{endpoint=\"acme/a\"} 0\n"))
        #expect(text.contains("syrinx_spans_dropped_total 2\n"))
        _ = await hub.stop(within: .zero)
    }

    @Test(arguments: [
        ("120", 120), ("0", 0), (nil, nil), ("", nil), ("-1", nil), ("1.5", nil), ("9999999999", nil), ("12é", nil),
        ("Wed, 21 Oct 2026 07:28:00 GMT", nil),
    ])
    func `a time to wait is whole seconds`(header: String?, seconds: Int64?) {
        #expect(RetryAfter.parse(header) == seconds.map { .seconds($0) })
    }
}

/// Takes events only in the new place.
private final class MovingPoster: HTTPPoster {
    private let state = Mutex<(tries: Int, taken: [String])>((0, []))
    var tries: Int { state.withLock(\.tries) }
    var taken: [String] { state.withLock(\.taken) }

    func post(
        _ url: String, headers: [(String, String)], body: [UInt8], timeout: Duration
    ) async throws -> (status: Int, retryAfter: Duration?) {
        let isNew = url.hasPrefix("https://new/")
        state.withLock { state in
            state.tries += 1
            if isNew { state.taken.append(url) }
        }
        if isNew { return (200, nil) }
        try await Task.sleep(for: .seconds(3600))
        return (500, nil)
    }
}
