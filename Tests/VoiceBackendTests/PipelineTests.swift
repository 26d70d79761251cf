// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import VoiceBackend

@Suite(.tags(.integration), .timeLimit(.minutes(10))) struct PipelineTests {
    @Test func `B1: a session made from configuration alone turns audio into audio`() async throws {
        var config = Quick.config(lines: ["book a table"])
        config.agentProvider = "echo"
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(SessionConfig(userID: "user-001"))
            try await session.start()
            let caller = Caller(session: session)
            try await caller.speaks()
            try await caller.isQuiet()
            let turn = try await session.nextTurn()
            #expect(turn.user == "book a table")
            #expect(turn.agent == "book a table")
            #expect(turn.heard == "book a table")
            #expect(turn.outcome == .answered)
            let voice = try await session.hear(frames: 5)
            #expect(voice.allSatisfy { $0.samples.count == 320 && $0.samples.contains { $0 != 0 } })
        }
    }

    @Test func `B2: audio arrives and leaves byte for byte`() async throws {
        let ear = Recorder(.preSTT)
        let mouth = Recorder(.postTTS, writes: true)
        try await Quick.run { backend in
            var wanted = Quick.session()
            wanted.customProcessors = [ear, mouth]
            let session = try await backend.createSession(wanted)
            try await session.start()
            let sent = (0..<3200).map { Int16(truncatingIfNeeded: $0 &* 7919) }
            // Cut anywhere: the pieces are put together again.
            try await session.processAudio(samples: Array(sent[..<333]))
            try await session.processAudio(samples: Array(sent[333...]))
            #expect(ear.samples == sent)
            let handle = try session.say("anything at all")
            _ = try await handle.waitForPlayout()
            let heard = try await session.hear(frames: mouth.samples.count / 320)
            #expect(heard.flatMap(\.samples) == mouth.samples)
            #expect(heard.first?.bytes.prefix(4) == [1, 0, 2, 0])
        }
    }

    @Test func `B3: the caller interrupts the agent, and nothing of the old answer follows`() async throws {
        try await Quick.run(Quick.config(reply: .seconds(20))) { backend in
            let session = try await backend.createSession(Quick.session())
            try await session.start()
            try await session.sendText("tell me a long story")
            try await session.events { if case .speechStarted = $0 { true } else { false } }
            let caller = Caller(session: session)
            try await caller.speaks(.milliseconds(400))
            let seen = try await session.events { if case .turnEnded = $0 { true } else { false } }
            guard case .turnEnded(let turn) = seen.last else { return }
            #expect(turn.outcome == .interrupted)
            #expect(turn.heard != turn.agent)
            // Later the agent may speak again: the caller has said something.
            let cleared = seen.contains { if case .speechFinished = $0 { true } else { false } }
            #expect(cleared)
        }
    }

    @Test func `B21: an answer asked for early is used when the turn says the same words`() async throws {
        var config = Quick.config(lines: ["what time is it"])
        config.conversation.preemptiveGeneration = true
        config.conversation.minEndpointingDelay = Self.patience
        config.conversation.maxEndpointingDelay = Self.patience
        let asked = Log()
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(
                SessionConfig(
                    userID: "user-001",
                    agentCallback: { text in
                        asked.add(text)
                        return "an answer that is nothing like the question"
                    }))
            try await session.start()
            let caller = Caller(session: session)
            try await caller.says()
            try await asked.wait(for: 1)
            try await caller.isQuiet(Self.patience)
            let turn = try await session.nextTurn()
            #expect(turn.outcome == .answered)
            #expect(asked.lines == ["what time is it"])
        }
    }

    @Test func `B21: an answer asked for early is dropped when the caller goes on`() async throws {
        var config = Quick.config(lines: ["what time", "does it close"])
        config.conversation.preemptiveGeneration = true
        config.conversation.minEndpointingDelay = Self.patience
        config.conversation.maxEndpointingDelay = Self.patience
        let asked = Log()
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(
                SessionConfig(
                    userID: "user-001",
                    agentCallback: { text in
                        asked.add(text)
                        return "you said \(text)"
                    }))
            try await session.start()
            let caller = Caller(session: session)
            try await caller.says()
            try await asked.wait(for: 1)
            try await caller.says()
            try await asked.wait(for: 2)
            try await caller.isQuiet(Self.patience)
            let turn = try await session.nextTurn()
            #expect(turn.user == "what time does it close")
            #expect(turn.heard == "you said what time does it close")
            #expect(asked.lines == ["what time", "what time does it close"])
        }
    }

    /// So much silence ends a turn. It is sent faster than it would pass, and no machine is too slow to ask before.
    private static let patience = Duration.seconds(30)

    @Test func `a slow answer is reported against the latency target`() async throws {
        var config = Quick.config()
        config.latencyTarget = .milliseconds(100)
        try await Quick.run(config) { backend in
            let session = try await backend.createSession(
                SessionConfig(
                    userID: "user-001",
                    agentCallback: { _ in
                        try await Task.sleep(for: .milliseconds(150))
                        return "at last"
                    }))
            try await session.start()
            try await session.sendText("quick")
            let seen = try await session.events { if case .latencyTargetExceeded = $0 { true } else { false } }
            guard case .latencyTargetExceeded(_, let latency, let target) = seen.last else { return }
            #expect(latency > target)
            #expect(backend.metrics.turnsOverLatencyTarget == 1)
            let lines = backend.metricsText.split(separator: "\n")
            #expect(lines.contains("syrinx_latency_target_missed_total 1"))
            #expect(lines.contains("syrinx_turns_total{outcome=\"answered\"} 1"))
        }
    }

    @Test func `speech to speech without a model is refused by name, not served otherwise`() async throws {
        try await Quick.run { backend in
            var wanted = Quick.session()
            wanted.pipelineType = .s2s
            let error = await failure { () async throws(VoiceBackendError) in try await backend.createSession(wanted) }
            #expect(error?.code == .pipelineError)
            #expect(error?.message.contains("s2s_provider") == true)
        }
    }
}

/// Keeps what passes, or writes 1, 2, 3, ... over it first.
private final class Recorder: CustomProcessor {
    let name = "recorder"
    let stage: ProcessorStage
    let order = 1
    private let writes: Bool
    private let kept = Mutex<[Int16]>([])

    init(_ stage: ProcessorStage, writes: Bool = false) {
        self.stage = stage
        self.writes = writes
    }

    var samples: [Int16] { kept.withLock { $0 } }

    func process(_ frame: inout MutableSpan<Int16>, context: ProcessorContext) {
        kept.withLock { kept in
            for index in frame.indices {
                if writes { frame[index] = Int16(truncatingIfNeeded: kept.count + 1) }
                kept.append(frame[index])
            }
        }
    }
}
