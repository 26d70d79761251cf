// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxTelemetry

@Suite(.tags(.unit)) struct TraceExporterTests {
    private let buffer = SpanBuffer(capacity: 100)
    private let virtual = VirtualClock()

    private func exporter(_ poster: FakePoster, tries: Int = 3) -> TraceExporter {
        var options = TraceExporter.Options(endpoint: "http://c/v1/traces", headers: [("authorization", "x")])
        options.batch = 2
        options.backoff = Backoff(first: .seconds(1), longest: .seconds(4), tries: tries)
        return TraceExporter(options, buffer: buffer, poster: poster, clock: virtual.clock, seed: 1)
    }

    private func record(_ count: Int) {
        let tracer = Tracer(buffer: buffer)
        for number in 0..<count { tracer.end(tracer.beginRoot("\(number)", at: 0), at: 1) }
    }

    private func names(_ poster: FakePoster) throws -> [[String]] {
        try poster.sent.map { sent in
            let spans = try sent.json["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"]?.array ?? []
            return spans.compactMap { $0["name"]?.string }
        }
    }

    @Test func `spans go out in batches with the operator's headers`() async throws {
        let poster = FakePoster([])
        record(5)
        await exporter(poster).flush(within: .seconds(5))
        #expect(try names(poster) == [["0", "1"], ["2", "3"], ["4"]])
        let first = try #require(poster.sent.first)
        #expect(first.url == "http://c/v1/traces")
        #expect(first.headers == ["content-type": "application/json", "authorization": "x"])
        #expect(buffer.counts == SpanBuffer.Counts(exported: 5, dropped: 0, failures: 0))
    }

    @Test(arguments: [429, 502, 503, 504]) func `what may pass is tried again`(status: Int) async throws {
        let poster = FakePoster([.status(status), .nothing])
        record(1)
        await exporter(poster).flush(within: .seconds(60))
        #expect(try names(poster) == [["0"], ["0"], ["0"]])
        #expect(buffer.counts == SpanBuffer.Counts(exported: 1, dropped: 0, failures: 2))
        #expect(virtual.slept.count == 2)
        #expect((.milliseconds(500)...(.seconds(1))).contains(virtual.slept[0]))
        #expect((.seconds(1)...(.seconds(2))).contains(virtual.slept[1]))
    }

    @Test(arguments: [301, 400, 401, 404, 500]) func `what will not pass is dropped and counted`(status: Int) async {
        let poster = FakePoster([.status(status)])
        record(3)
        await exporter(poster).flush(within: .seconds(60))
        #expect(poster.sent.count == 2)
        #expect(buffer.counts == SpanBuffer.Counts(exported: 1, dropped: 2, failures: 1))
    }

    @Test func `the collector's own time to wait is kept`() async {
        let poster = FakePoster([.status(503, after: .seconds(20))])
        record(1)
        await exporter(poster).flush(within: .seconds(60))
        #expect(virtual.slept == [.seconds(20)])
    }

    @Test func `after the last try a batch is given up`() async {
        let poster = FakePoster([], otherwise: .status(503))
        record(1)
        await exporter(poster).flush(within: .seconds(60))
        #expect(poster.sent.count == 3)
        #expect(buffer.counts == SpanBuffer.Counts(exported: 0, dropped: 1, failures: 3))
    }

    @Test func `a flush ends at its deadline and drops what is left`() async {
        let poster = FakePoster([], otherwise: .nothing)
        record(3)
        await exporter(poster, tries: 100).flush(within: .seconds(3))
        #expect(virtual.time < .seconds(3))
        #expect(poster.sent.allSatisfy { $0.timeout <= .seconds(3) })
        #expect(buffer.counts.dropped == 3)
        #expect(buffer.count == 0)
    }

    @Test(.timeLimit(.minutes(10))) func `a cancelled run gives back what it had not sent`() async {
        let poster = FakePoster([], otherwise: .status(503))
        record(1)
        let exporter = exporter(poster, tries: .max)
        let run = Task { await exporter.run() }
        while poster.sent.count < 3 { await Task.yield() }
        run.cancel()
        await run.value
        #expect(buffer.count == 1)
        #expect(buffer.counts.dropped == 0)
    }
}
