// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

/// A speaker whose vendor does as the test says: keys are "a CLAUSE SAMPLES" for audio, "e CLAUSE" for its end, "f CLAUSE"
/// for an error.
private final class PuppetProvider: Provider {
    init(config: NoOptions, host: Host) throws(PluginError) {}

    func openSession(_ params: SessionParams, options: NoOptions, host: SessionHost) throws(PluginError) -> Puppet {
        Puppet(host: host)
    }
}

private final class Puppet: Session {
    private let cancelled: CancelQueue
    private var queue: ClauseQueue<Void>

    init(host: SessionHost) {
        cancelled = CancelQueue(host: host, cookie: 1)
        queue = ClauseQueue(host: host, format: AudioFormat(sampleRate: 8_000))
    }

    func handle(_ event: borrowing Event) throws(PluginError) -> Status {
        for generation in cancelled.take(event) { queue.cancel(generation) }
        defer { queue.flush() }
        switch event.type {
        case .speak:
            guard !queue.isFull else { return .again }
            queue.append(SpokenClause(event, detail: ()))
        case .dtmfIn: obey(event.text.split(separator: " "))
        default: break
        }
        return .ok
    }

    private func obey(_ words: [Substring]) {
        guard words.count > 1, let id = UInt64(words[1]), let index = queue.clauses.firstIndex(where: { $0.id == id })
        else { return }
        queue.update(index) { clause in
            switch words[0] {
            case "a": clause.append([Int16](repeating: Int16(id), count: Int(words[2]) ?? 0))
            case "e": clause.stage = .complete
            default: clause.stage = .failed(.unavailable("the vendor is gone"))
            }
        }
    }

    func cancel(_ generation: UInt64) { cancelled.add(generation) }
    func close() { queue.removeAll() }
}

private let puppets = Module([
    ProviderDescription(
        PuppetProvider.self, kind: .tts, id: "puppet", version: "1.0.0", name: "Puppet", vendor: "Syrinx")
])

@Suite("Clauses of a speaker")
struct ClauseQueueTests {
    private let host = FakeHost()

    private func withPuppet(queueLimit: Int = .max, _ body: (FakeSession) throws -> Void) throws {
        let provider = try host.open(puppets.table, .tts, "puppet")
        defer { provider.close() }
        let session = try provider.openSession(queueLimit: queueLimit)
        try body(session)
        session.close()
        #expect(session.eventsAfterClose == 0)
    }

    private func tell(_ session: FakeSession, _ words: String) {
        var event = OutgoingEvent(.dtmfIn)
        event.text = words
        session.send(event)
    }

    @Test func `are heard and end in their order, whatever the vendor's`() throws {
        try withPuppet { session in
            for clause in 1...3 { session.speak("word", clause: UInt64(clause), generation: 1) }
            for words in ["a 2 10", "e 2", "f 3", "a 1 20", "a 1 5", "e 1"] { tell(session, words) }
            #expect(session.events.filter { !$0.samples.isEmpty }.map(\.samples.count) == [20, 5, 10])
            #expect(session.terminals(1).map(\.type) == [.done, .done, .error])
            #expect(session.terminals(1).map(\.id) == [1, 2, 3])
        }
    }

    @Test func `without anything to pronounce are done at once`() throws {
        try withPuppet { session in
            session.speak(" \n", clause: 1, generation: 1)
            #expect(session.terminals(1).map(\.type) == [.done])
        }
    }

    @Test func `wait for the host's room, and lose nothing`() throws {
        try withPuppet(queueLimit: 1) { session in
            session.speak("word", clause: 1, generation: 1)
            tell(session, "a 1 2500")
            tell(session, "e 1")
            // 100 ms at a time.
            #expect(session.events.map(\.samples.count) == [800])
            for _ in 0..<5 { session.takeAll() }
            #expect(session.events.map(\.samples.count) == [800, 800, 800, 100, 0])
            #expect(session.terminals(1).map(\.type) == [.done])
        }
    }

    @Test func `end once when they are cancelled`() throws {
        try withPuppet(queueLimit: 1) { session in
            session.speak("word", clause: 1, generation: 1)
            session.speak("word", clause: 2, generation: 1)
            tell(session, "a 1 2500")
            session.cancel(1)
            for _ in 0..<5 {
                session.advance(milliseconds: 2)
                session.takeAll()
            }
            #expect(session.terminals(1).map(\.type) == [.cancelled, .cancelled])
            #expect(session.terminals(1).map(\.id) == [1, 2])
        }
    }
}
