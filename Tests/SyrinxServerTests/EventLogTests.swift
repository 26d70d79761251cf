// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Synchronization
import SyrinxConversation
import SyrinxCore
import Testing

@testable import SyrinxServer

@Suite("Event log", .tags(.integration))
struct EventLogTests {
    private static let folder = NSTemporaryDirectory() + "syrinx-log-\(UUID().uuidString)"

    @Test(.server { $0.eventLogFolder = folder })
    func `the log of a call leads to the same decisions again`() async throws {
        let caller = try await server().call("profile=mock&reply_ms=400")
        let turn = Sound.speech(milliseconds: 600) + Sound.silence(milliseconds: 600)
        await caller.say(turn)
        try await caller.event("turn.ended")
        await caller.send(["type": "text", "text": "hello"])
        try await caller.event("speech.started")
        await caller.send(["type": "interrupt"])
        await caller.send(["type": "say", "text": "One more thing."])
        try await caller.event("speech.finished")
        await caller.send(["type": "close"])
        try await caller.end()

        let path = "\(Self.folder)/\(await caller.session).jsonl"
        let lines = try await complete(path)
        #expect(lines.count > 20)
        let difference = Replay.verify(lines)
        #expect(difference == nil, "\(difference?.description ?? "")")
        let start = try #require(lines.firstIndex { $0.contains(#""input":{"start":{}}"#) })
        var changed = lines
        changed.remove(at: start)
        #expect(Replay.verify(changed) != nil, "a log that lacks an input is noticed")
        try FileManager.default.removeItem(atPath: Self.folder)
    }

    @Test func `more than a slow disk may keep waiting ends the log`() throws {
        let path = NSTemporaryDirectory() + "syrinx-log-\(UUID().uuidString)"
        let heard = Messages()
        let log = EventLogFile(
            folder: path, session: "ses_1",
            logger: ListeningLog.logger { event in heard.all.withLock { $0.append("\(event.message)") } })
        EventLogFile.queue.suspend()
        defer { EventLogFile.queue.resume() }
        log.begin(Options())
        let history = Input.history([HistoryItem(role: .user, text: String(repeating: "a", count: 1 << 20))])
        for _ in 0..<16 { log.record(history, at: .zero, actions: []) }
        #expect(heard.all.withLock { $0 }.isEmpty)
        for _ in 0..<8 { log.record(history, at: .zero, actions: []) }
        #expect(heard.all.withLock { $0 } == ["event log ended"])
    }

    /// The file is written on a queue of its own; its last line tells the end.
    private func complete(_ path: String) async throws -> [String] {
        for _ in 0..<1_000 {
            let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
            if text.hasSuffix("\n"), text.contains("stagesClosed") {
                return text.split(separator: "\n").map(String.init)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Caller.Missing(description: "the event log has no end")
    }
}

private final class Messages: Sendable {
    let all = Mutex<[String]>([])
}
