// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import SyrinxCore
import SyrinxTelemetry
import Testing

@Suite(.tags(.unit)) struct LogHandlerTests {
    private let lines = LineList()

    private func jsonLogger(secrets: [String] = []) -> Logger {
        let handler = JSONLineLogHandler(
            redactor: Redactor(secrets: secrets), unixNanoseconds: { VirtualClock.start + 1_234_567_890 },
            write: { [lines] in lines.add($0) })
        return Logger(label: "test") { _ in handler }
    }

    private func textLogger(secrets: [String] = []) -> Logger {
        let base = PlainHandler(lines: lines)
        return Logger(label: "test") { _ in RedactingLogHandler(base, redactor: Redactor(secrets: secrets)) }
    }

    @Test func `a record is one line of JSON with its trace and session`() throws {
        var logger = jsonLogger()
        let span = try #require(SpanContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        for (key, value) in span.logMetadata { logger[metadataKey: key] = value }
        logger[metadataKey: "syrinx.session"] = "s1"
        logger.warning("turn failed", metadata: ["code": "provider.timeout", "syrinx.tenant": "acme", "time": "never"])
        #expect(
            lines.all == [
                #"{"code":"provider.timeout","level":"warning","message":"turn failed","session":"s1","#
                    + #""span_id":"b7ad6b7169203331","tenant":"acme","time":"2026-01-01T00:00:01.234Z","#
                    + #""trace_id":"0af7651916cd43dd8448eb211c80319c"}"#
            ])
    }

    @Test func `no line can be forged`() throws {
        let evil = "a\n{\"level\":\"critical\"}\r\u{1b}[2J\u{9b}31m\u{2028}\u{202e}"
        jsonLogger().info("\(evil)", metadata: ["\(evil)": "\(evil)"])
        textLogger().info("\(evil)", metadata: ["k": "\(evil)"])
        #expect(lines.all.count == 2)
        for line in lines.all {
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
            #expect(!line.unicodeScalars.contains { $0.value == 0x2028 || $0.value == 0x202E })
        }
        let message = try JSONValue(parsing: lines.all[0])["message"]?.string
        #expect(message == "a\n{\"level\":\"critical\"}\r\u{1b}[2J\\u{9b}31m\\u{2028}\\u{202e}")
    }

    @Test func `secrets go from message, error and every kind of metadata`() {
        let canary = "canary-0f3a9c77"
        for logger in [jsonLogger(secrets: [canary]), textLogger(secrets: [canary])] {
            var logger = logger
            logger[metadataKey: "own"] = "\(canary)"
            logger.error(
                "got \(canary)", error: SyrinxError("x.y", "said \(canary)"),
                metadata: [
                    "a": ["\(canary)"], "d": ["\(canary)": ["in": "\(canary)"]], "c": .stringConvertible(Word(canary)),
                    "Set-Cookie": "plain", "request.authorization": "plain", "syrinx.pii.text": "plain",
                    "nested": ["password": ["plain"]],
                ])
        }
        #expect(lines.all.count == 2)
        for line in lines.all {
            #expect(!line.contains("canary") && !line.contains("plain"), "\(line)")
            #expect(line.contains("x.y: said [redacted]"))
        }
    }

    @Test func `a secret at the cut is not cut in half`() {
        let text = String(repeating: "x", count: 8185) + "canary-0f3a9c77" + String(repeating: "y", count: 70_000)
        textLogger(secrets: ["canary-0f3a9c77"]).info("\(text)")
        #expect(!lines.all.joined().contains("canary"))
        #expect(lines.all.joined().utf8.count < 9000)
    }

    @Test func `what was given to a handler before stays, and levels are its own`() {
        var base = PlainHandler(lines: lines)
        base.metadata["a"] = "syt_0123456789abcdefABCDEF"
        var logger = Logger(label: "test") { _ in RedactingLogHandler(base, redactor: Redactor()) }
        logger.logLevel = .warning
        logger.info("quiet")
        logger.warning("loud")
        #expect(lines.all == ["loud [\"a\": [redacted]]"])
    }
}

private struct Word: CustomStringConvertible, Sendable {
    var description: String
    init(_ text: String) { description = text }
}

private final class LineList: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct PlainHandler: LogHandler {
    var lines: LineList
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        lines.add("\(event.message) \(fields)")
    }
}
